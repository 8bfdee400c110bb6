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
  const isMuted = microphone === "muted";
  const barrier = useSpeechBarrier();
  const mute = () => void visit.switchMute();
  useHotkeys([["m", mute]]);
  const muteLabel = isMuted ? t("microphone.unmute") : t("microphone.mute");

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
        <Tooltip
          label={
            <>
              {muteLabel} <Kbd size="xs">{t("microphone.shortcut")}</Kbd>
            </>
          }
        >
          <ActionIcon
            data-testid="mute"
            variant={isMuted ? "filled" : "default"}
            size={44}
            radius="xl"
            disabled={!isOpen || barrier !== undefined}
            // Whether it is so is said by its being pressed.
            aria-label={t("microphone.mute")}
            aria-pressed={isMuted}
            aria-keyshortcuts="M"
            onClick={mute}
          >
            <IconMicrophoneOff size={21} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </div>
      <output className={styles.state} data-testid="microphone-state">
        {barrier ? barrierSentence(t, barrier) : t(`microphone.${said}`)}
      </output>
    </div>
  );
}
