import { Slider } from "@mantine/core";
import { IconVolume, IconVolumeOff } from "@tabler/icons-react";
import { useId } from "react";
import styles from "./volume-slider.module.css";

type Props = {
  label: string;
  /** From 0 to 1. */
  value: number;
  onChange: (value: number) => void;
  /** Once the slider is let go. */
  onChangeEnd: (value: number) => void;
};

export function VolumeSlider({ label, value, onChange, onChangeEnd }: Props) {
  const id = useId();
  const Icon = value === 0 ? IconVolumeOff : IconVolume;
  return (
    <div className={styles.volume}>
      <span id={id} className={styles.label}>
        {label}
      </span>
      <div className={styles.line}>
        <Icon size={18} stroke={1.7} aria-hidden />
        <Slider
          className={styles.slider}
          thumbProps={{ "aria-labelledby": id }}
          value={Math.round(value * 100)}
          min={0}
          max={100}
          step={5}
          label={(percent) => `${percent} %`}
          onChange={(percent) => onChange(percent / 100)}
          onChangeEnd={(percent) => onChangeEnd(percent / 100)}
        />
        <output className={styles.percent}>{Math.round(value * 100)} %</output>
      </div>
    </div>
  );
}
