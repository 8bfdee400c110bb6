import { ActionIcon, Button, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import {
  IconDotsVertical,
  IconLogout2,
  IconSettings,
  IconUserPlus,
  IconUsers,
} from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { RoomDetail } from "../../../../shared/room.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Question } from "../../ui/question.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { MembersDialog } from "./members-dialog.tsx";
import { RoomSettingsDialog } from "./room-settings-dialog.tsx";
import { useMay } from "./use-own-part.ts";
import styles from "./room-header.module.css";

type Opened = "invite" | "members" | "settings" | "leave";

/** What one may do about the room: bring others, see its members, change it, give it up. */
export function RoomMenu({ room }: { room: RoomDetail }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<Opened>();
  const mayInvite = useMay("room.createInvite");
  const mayChange = useMay("room.update");
  const button = useRef<HTMLButtonElement>(null);
  const open = (wanted: Opened) => {
    // A dialog gives the focus back to what has it now, and the menu's items go.
    button.current?.focus();
    setOpened(wanted);
  };
  const close = () => setOpened(undefined);
  return (
    <>
      {mayInvite && (
        <Button
          data-testid="invite"
          variant="light"
          size="sm"
          className={styles.copy}
          leftSection={<IconUserPlus size={17} aria-hidden />}
          aria-label={t("invite.open")}
          onClick={() => setOpened("invite")}
        >
          <span className={styles.copyText}>{t("invite.open")}</span>
        </Button>
      )}
      <Menu position="bottom-end" shadow="md" width={210}>
        <Menu.Target>
          <ActionIcon
            ref={button}
            variant="subtle"
            color="gray"
            size="lg"
            data-testid="room-menu"
            aria-label={t("members.options")}
            title={t("members.options")}
          >
            <IconDotsVertical size={20} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            data-testid="open-members"
            leftSection={<IconUsers size={17} stroke={1.7} aria-hidden />}
            onClick={() => open("members")}
          >
            {t("members.title")}
          </Menu.Item>
          {mayChange && (
            <Menu.Item
              data-testid="open-settings"
              leftSection={<IconSettings size={17} stroke={1.7} aria-hidden />}
              onClick={() => open("settings")}
            >
              {t("roomSettings.title")}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            data-testid="leave-for-good"
            leftSection={<IconLogout2 size={17} stroke={1.7} aria-hidden />}
            onClick={() => open("leave")}
          >
            {t("members.leave")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {/* Who loses a role loses its dialogs. */}
      <InviteDialog isOpen={opened === "invite" && mayInvite} onClose={close} />
      <MembersDialog room={room} isOpen={opened === "members"} onClose={close} />
      <RoomSettingsDialog room={room} isOpen={opened === "settings" && mayChange} onClose={close} />
      <LeaveQuestion room={room} isOpen={opened === "leave"} onClose={close} />
    </>
  );
}

type LeaveProps = { room: RoomDetail; isOpen: boolean; onClose: () => void };

function LeaveQuestion({ room, isOpen, onClose }: LeaveProps) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [, navigate] = useLocation();
  const leave = useMutation({
    mutationFn: () => parley.api.room.leave.mutate({ roomId: room.id }),
    onSuccess: () => navigate("/rooms"),
  });
  const text = [
    t("members.leaveText"),
    ...(room.role === "owner" && room.memberCount > 1 ? [t("members.leaveOwnerText")] : []),
  ];
  return (
    <Question
      title={t("members.leaveQuestion")}
      text={text.join(" ")}
      isOpen={isOpen}
      isPending={leave.isPending}
      fault={leave.error ? errorSentence(t, leave.error) : undefined}
      yes={t("members.leave")}
      no={t("members.stay")}
      dismiss={t("failure.dismiss")}
      onYes={() => leave.mutate()}
      onNo={onClose}
    />
  );
}
