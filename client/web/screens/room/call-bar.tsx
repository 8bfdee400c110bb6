import { ActionIcon, Button, Drawer, Indicator, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconMessageCircle, IconPhoneOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { OwnAccount } from "../../../../shared/account.ts";
import { LanguageChoices } from "./language-choices.tsx";
import { MicrophoneControls } from "./microphone-controls.tsx";
import { SoundSettings } from "./sound-settings.tsx";
import styles from "./call-bar.module.css";

type Props = {
  account: OwnAccount;
  /** Whether there is room for everything side by side. */
  isWide: boolean;
  unread: number;
  isChatOpen: boolean;
  chatToggle: React.Ref<HTMLButtonElement>;
  onToggleChat: () => void;
};

/** One's own part: the microphone, the languages, the sound, the chat, the way out. */
export function CallBar(props: Props) {
  const { account, isWide, unread, isChatOpen, chatToggle, onToggleChat } = props;
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const [isSettingsOpen, settings] = useDisclosure(false);
  const settingsButton = (
    <ActionIcon
      variant="default"
      size={44}
      radius="xl"
      data-testid="settings"
      aria-label={t("room.settings")}
      title={t("room.settings")}
      aria-expanded={isSettingsOpen}
      onClick={settings.toggle}
    >
      <IconAdjustmentsHorizontal size={21} stroke={1.7} />
    </ActionIcon>
  );
  const chatLabel = isChatOpen
    ? t("chat.close")
    : unread > 0
      ? t("chat.openUnread", { count: unread })
      : t("chat.open");
  const chatButton = (
    <Indicator
      label={unread > 99 ? "99+" : unread}
      size={18}
      offset={5}
      disabled={unread === 0}
      data-testid="unread"
    >
      <ActionIcon
        ref={chatToggle}
        variant={isChatOpen ? "light" : "default"}
        size={44}
        radius="xl"
        data-testid="chat-toggle"
        aria-label={chatLabel}
        title={chatLabel}
        aria-pressed={isChatOpen}
        onClick={onToggleChat}
      >
        <IconMessageCircle size={21} stroke={1.7} />
      </ActionIcon>
    </Indicator>
  );

  return (
    <div className={styles.bar}>
      <div className={styles.start}>
        {isWide ? (
          <LanguageChoices account={account} isInBar />
        ) : (
          <>
            {settingsButton}
            {chatButton}
          </>
        )}
      </div>
      <MicrophoneControls />
      <div className={styles.end}>
        {isWide && (
          <Popover
            opened={isSettingsOpen}
            onChange={(opened) => (opened ? settings.open() : settings.close())}
            position="top-end"
            width={320}
            shadow="lg"
            trapFocus
            returnFocus
          >
            <Popover.Target>{settingsButton}</Popover.Target>
            <Popover.Dropdown aria-label={t("room.settings")}>
              <SoundSettings />
            </Popover.Dropdown>
          </Popover>
        )}
        {isWide && chatButton}
        {isWide ? (
          <Button
            variant="default"
            size="md"
            radius="xl"
            data-testid="leave"
            leftSection={<IconPhoneOff size={18} stroke={1.7} aria-hidden />}
            onClick={() => navigate("/rooms")}
          >
            {t("room.leave")}
          </Button>
        ) : (
          <ActionIcon
            variant="default"
            size={44}
            radius="xl"
            data-testid="leave"
            aria-label={t("room.leave")}
            onClick={() => navigate("/rooms")}
          >
            <IconPhoneOff size={20} stroke={1.7} />
          </ActionIcon>
        )}
      </div>
      {!isWide && (
        <Drawer
          opened={isSettingsOpen}
          onClose={settings.close}
          position="bottom"
          size="auto"
          title={t("room.settings")}
          classNames={{ content: styles.sheet }}
          closeButtonProps={{ "aria-label": t("failure.dismiss") }}
        >
          <div className={styles.drawer}>
            <LanguageChoices account={account} />
            <SoundSettings />
          </div>
        </Drawer>
      )}
    </div>
  );
}
