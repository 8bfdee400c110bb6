import { ActionIcon, Button, Kbd, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconMicrophone, IconMicrophoneOff, IconPlayerStopFilled } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../services.ts";
import { useSpeechBarrier } from "./use-own-part.ts";
import { useVisit, useVisitState } from "./use-visit.ts";
import styles from "./microphone-controls.module.css";

type Barrier = NonNullable<ReturnType<typeof useSpeechBarrier>>;

function barrierSentence(t: TFunction, barrier: Barrier): string {
  if (barrier === "silenced" || barrier === "listener") return t(`microphone.${barrier}`);
  return t("microphone.restricted", { who: t(`microphone.whoMaySpeak.${barrier}`) });
}

type MuteButtonProps = { testId: string; size: number; disabled?: boolean };

/** Whether others hear one, in a line with the button that mutes; nothing where nobody could. */
export function MicrophoneLine() {
  const { t } = useTranslation();
  const microphone = useVisitState((state) => state.microphone);
  const barrier = useSpeechBarrier();
  const isOpen = microphone === "on" || microphone === "muted";
  if (!isOpen && barrier !== "silenced") return null;
  return (
    <div className={styles.inLine} data-state={microphone}>
      <output className={styles.state}>
        {barrier ? barrierSentence(t, barrier) : t(`microphone.${microphone}`)}
      </output>
      {isOpen && barrier === undefined && <MuteButton testId="mute-in-chat" size={36} />}
    </div>
  );
}

function MuteButton({ testId, size, disabled }: MuteButtonProps) {
  const { t } = useTranslation();
  const visit = useVisit();
  const isMuted = useVisitState((state) => state.microphone === "muted");
  const label = isMuted ? t("microphone.unmute") : t("microphone.mute");
  return (
    <Tooltip
      label={
        <>
          {label} <Kbd size="xs">{t("microphone.shortcut")}</Kbd>
        </>
      }
    >
      <ActionIcon
        data-testid={testId}
        variant={isMuted ? "filled" : "default"}
        size={size}
        radius="xl"
        disabled={disabled}
        // Whether it is so is said by its being pressed.
        aria-label={t("microphone.mute")}
        aria-pressed={isMuted}
        aria-keyshortcuts="M"
        onClick={() => void visit.switchMute()}
      >
        <IconMicrophoneOff size={size / 2} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}

/** Speaking, muting, and a word on which of the two it is. The key M mutes. */
export function MicrophoneControls() {
  const { t } = useTranslation();
  const visit = useVisit();
  const [{ microphoneId }] = usePreferences();
  const microphone = useVisitState((state) => state.microphone);
  const call = useVisitState((state) => state.call);
  const isCallThere = call === "connected" || call === "reconnecting";
  const said = call === "connecting" ? call : microphone;
  const isOpen = microphone === "on" || microphone === "muted";
  const barrier = useSpeechBarrier();
  useHotkeys([["m", () => void visit.switchMute()]]);

  return (
    <div className={styles.controls} data-state={microphone}>
      <div className={styles.buttons}>
        <Button
          className={styles.microphone}
          data-testid="microphone"
          data-state={microphone}
          size="md"
          radius="xl"
          disabled={!isCallThere || barrier !== undefined}
          loading={microphone === "connecting"}
          aria-label={isOpen ? t("microphone.stop") : t("microphone.start")}
          aria-pressed={isOpen}
          leftSection={
            isOpen ? (
              <IconPlayerStopFilled size={18} aria-hidden />
            ) : (
              <IconMicrophone size={20} stroke={1.9} aria-hidden />
            )
          }
          onClick={() => void visit.switchMicrophone(microphoneId)}
        >
          {isOpen ? t("microphone.stop") : t("microphone.start")}
        </Button>
        <MuteButton testId="mute" size={44} disabled={!isOpen || barrier !== undefined} />
      </div>
      <output className={styles.state} data-testid="microphone-state">
        {barrier ? barrierSentence(t, barrier) : t(`microphone.${said}`)}
      </output>
    </div>
  );
}
