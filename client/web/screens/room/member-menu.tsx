import { ActionIcon, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import {
  IconBan,
  IconCrown,
  IconDotsVertical,
  IconDoorExit,
  IconMicrophone,
  IconMicrophoneOff,
} from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type RoomMember, type RoomRole, roomRoleSchema } from "../../../../shared/room.ts";
import { useServices } from "../../services.ts";
import { isolated } from "../../language/isolated.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Question } from "../../ui/question.tsx";
import { memberActions } from "./member-actions.ts";
import { useVisit, useVisitState } from "./use-visit.ts";

type Asked = "kick" | "ban" | "handOver";

/** What one may do about a member. Nothing is shown where that is nothing. */
export function MemberMenu({ member }: { member: RoomMember }) {
  const { t } = useTranslation();
  const visit = useVisit();
  const { parley } = useServices();
  const own = useVisitState((state) => state.room?.room);
  const [asked, setAsked] = useState<Asked>();
  const { accountId, name, role, silenced } = member;
  const target = { roomId: visit.roomId, accountId };
  const { room } = parley.api;
  const mute = useMutation({
    mutationFn: () => room.mute.mutate({ ...target, muted: !silenced }),
    onError: visit.report,
  });
  const setRole = useMutation({
    mutationFn: (next: RoomRole) => room.setRole.mutate({ ...target, role: next }),
    onError: visit.report,
  });
  const answer = useMutation({
    mutationFn: async (wanted: Asked) => {
      if (wanted === "kick") await room.kick.mutate(target);
      else if (wanted === "ban") await room.ban.mutate(target);
      else await room.setRole.mutate({ ...target, role: "owner" });
    },
    onSuccess: () => setAsked(undefined),
  });
  const button = useRef<HTMLButtonElement>(null);
  const ask = (wanted: Asked) => {
    // The question gives the focus back to what has it now, and the menu's items go.
    button.current?.focus();
    answer.reset();
    setAsked(wanted);
  };
  const actions = own && memberActions({ accountId: own.ownAccountId, role: own.role }, member);
  // What was asked stays to be answered, even where the member's role is another one meanwhile.
  if (!actions && !asked) return null;
  const fault = answer.error ? errorSentence(t, answer.error) : undefined;
  const last = asked ?? "kick";

  return (
    <>
      {actions && (
        <Menu position="bottom-end" shadow="md" width={220}>
          <Menu.Target>
            <ActionIcon
              ref={button}
              variant="subtle"
              color="gray"
              data-testid="member-menu"
              aria-label={t("members.menu", { name })}
              loading={mute.isPending || setRole.isPending}
            >
              <IconDotsVertical size={18} stroke={1.7} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {actions.mute && (
              <Menu.Item
                data-testid="mute-member"
                leftSection={
                  silenced ? (
                    <IconMicrophone size={17} stroke={1.7} aria-hidden />
                  ) : (
                    <IconMicrophoneOff size={17} stroke={1.7} aria-hidden />
                  )
                }
                onClick={() => mute.mutate()}
              >
                {silenced ? t("members.unmute") : t("members.mute")}
              </Menu.Item>
            )}
            {actions.roles.length > 0 && (
              <>
                <Menu.Divider />
                <Menu.Label>{t("members.role")}</Menu.Label>
                <Menu.RadioGroup
                  value={role}
                  onChange={(choice) => setRole.mutate(roomRoleSchema.parse(choice))}
                >
                  {actions.roles.map((choice) => (
                    <Menu.RadioItem
                      key={choice}
                      value={choice}
                      data-testid={`role-${choice}`}
                      closeMenuOnClick
                    >
                      {t(`members.roles.${choice}`)}
                    </Menu.RadioItem>
                  ))}
                </Menu.RadioGroup>
              </>
            )}
            {actions.handOver && (
              <Menu.Item
                data-testid="hand-over"
                leftSection={<IconCrown size={17} stroke={1.7} aria-hidden />}
                onClick={() => ask("handOver")}
              >
                {t("members.handOver")}
              </Menu.Item>
            )}
            <Menu.Divider />
            {actions.kick && (
              <Menu.Item
                data-testid="kick-member"
                leftSection={<IconDoorExit size={17} stroke={1.7} aria-hidden />}
                onClick={() => ask("kick")}
              >
                {t("members.kick")}
              </Menu.Item>
            )}
            {actions.ban && (
              <Menu.Item
                data-testid="ban-member"
                leftSection={<IconBan size={17} stroke={1.7} aria-hidden />}
                onClick={() => ask("ban")}
              >
                {t("members.ban")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      <Question
        title={t(`members.${last}Question`, { name: isolated(name) })}
        text={t(`members.${last}Text`)}
        isOpen={asked !== undefined}
        isPending={answer.isPending}
        fault={fault}
        yes={t(`members.${last}`)}
        no={t("members.cancel")}
        dismiss={t("failure.dismiss")}
        onYes={() => answer.mutate(last)}
        onNo={() => setAsked(undefined)}
      />
    </>
  );
}
