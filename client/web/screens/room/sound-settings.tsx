import { NativeSelect } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import {
  listMicrophones,
  type MicrophoneDevice,
  onMicrophonesChange,
  type Volumes,
} from "../../../sdk/index.ts";
import { usePreferences } from "../../services.ts";
import { VolumeSlider } from "../../ui/volume-slider.tsx";
import { useKeptPreferences, useVisit, useVisitState } from "./use-visit.ts";
import styles from "./sound-settings.module.css";

/** Which microphone, and how loud the speakers and the interpreter are. */
export function SoundSettings() {
  const { t } = useTranslation();
  const visit = useVisit();
  const [preferences, change] = usePreferences();
  const volumes = useVisitState((state) => state.volumes);
  const keep = useKeptPreferences();
  const microphones = useMicrophones();
  const chosen = microphones.some(({ deviceId }) => deviceId === preferences.microphoneId)
    ? preferences.microphoneId
    : undefined;
  const keepVolumes = ({ original, interpreter }: Volumes) =>
    keep({ voice: { originalVolume: original, interpreterVolume: interpreter } });

  return (
    <div className={styles.settings}>
      <NativeSelect
        label={t("room.device")}
        data-testid="device-select"
        value={chosen ?? ""}
        data={[
          { value: "", label: t("room.defaultDevice") },
          ...microphones.map(({ deviceId, label }, index) => ({
            value: deviceId,
            label: label || `${t("room.device")} ${index + 1}`,
          })),
        ]}
        onChange={(event) => {
          const microphoneId = event.currentTarget.value || undefined;
          change({ microphoneId });
          void visit.setDevice(microphoneId);
        }}
      />
      {volumes && (
        <fieldset className={styles.volumes}>
          <legend className={styles.legend}>{t("room.volume")}</legend>
          <VolumeSlider
            label={t("room.originalVolume")}
            value={volumes.original}
            onChange={(original) => visit.setVolume({ original })}
            onChangeEnd={(original) => keepVolumes({ ...volumes, original })}
          />
          <VolumeSlider
            label={t("room.interpreterVolume")}
            value={volumes.interpreter}
            onChange={(interpreter) => visit.setVolume({ interpreter })}
            onChangeEnd={(interpreter) => keepVolumes({ ...volumes, interpreter })}
          />
        </fieldset>
      )}
    </div>
  );
}

/** The microphones there are, as they come and go. Their names are known once one was opened. */
function useMicrophones(): readonly MicrophoneDevice[] {
  const queries = useQueryClient();
  const microphone = useVisitState((state) => state.microphone);
  const { data } = useQuery({
    queryKey: ["microphone", "list", microphone !== "off"],
    queryFn: listMicrophones,
    // Where none can be listed, the system's choice is all there is; speaking says why.
    retry: false,
  });
  useEffect(
    () => onMicrophonesChange(() => void queries.invalidateQueries({ queryKey: ["microphone"] })),
    [queries],
  );
  // "default" is the system's choice, which the list offers by itself.
  return data?.filter(({ deviceId }) => deviceId !== "default") ?? [];
}
