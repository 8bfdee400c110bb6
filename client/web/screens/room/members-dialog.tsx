import { Badge, Button, Modal, Skeleton, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { RoomBan, RoomDetail, RoomMember } from "../../../../shared/room.ts";
import { languageName } from "../../language/language-name.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { closeOnOwnEscape } from "../../ui/close-on-own-escape.ts";
import { Message } from "../../ui/message.tsx";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import { MemberMenu } from "./member-menu.tsx";
import { useMay } from "./use-own-part.ts";
import { useRoomList } from "./use-room-list.ts";
import { useVisit } from "./use-visit.ts";
import styles from "./members-dialog.module.css";

type Props = { room: RoomDetail; isOpen: boolean; onClose: () => void };

/** Everyone who belongs to the room, there or not; for moderators, those too who may not come back. */
export function MembersDialog({ room, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const isNarrow = useMediaQuery("(max-width: 36em)");
  const mayBan = useMay("room.bans");
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      {...closeOnOwnEscape(onClose)}
      title={t("members.title")}
      closeButtonProps={{ "aria-label": t("failure.dismiss") }}
      fullScreen={isNarrow}
      size="md"
    >
      {mayBan ? (
        <Tabs defaultValue="members" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="members">
              {t("members.all")} ({room.memberCount})
            </Tabs.Tab>
            <Tabs.Tab value="banned" data-testid="banned-tab">
              {t("members.banned")}
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="members">
            <MemberList room={room} />
          </Tabs.Panel>
          <Tabs.Panel value="banned">
            <BanList />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <MemberList room={room} />
      )}
    </Modal>
  );
}

function MemberList({ room }: { room: RoomDetail }) {
  const collator = new Intl.Collator();
  const members = room.members.toSorted(
    (a, b) => Number(b.present) - Number(a.present) || collator.compare(a.name, b.name),
  );
  return (
    <ul className={styles.list} data-testid="members">
      {members.map((member) => (
        <Member
          key={member.accountId}
          member={member}
          isOwn={member.accountId === room.ownAccountId}
        />
      ))}
    </ul>
  );
}

function Member({ member, isOwn }: { member: RoomMember; isOwn: boolean }) {
  const { t, i18n } = useTranslation();
  const { accountId, name, avatarUrl, language, role, present, silenced } = member;
  const facts = [
    t("room.speaks", { language: languageName(language, i18n.language) }),
    ...(present ? [] : [t("room.away")]),
    ...(silenced ? [t("members.silenced")] : []),
  ];
  return (
    <li className={styles.member} data-testid="member" data-away={!present || undefined}>
      <SpeakerAvatar name={name} colourKey={accountId} picture={avatarUrl} size={36} />
      <span className={styles.about}>
        <span className={styles.name}>
          <bdi>{name}</bdi>
          {isOwn && <span className={styles.hint}> ({t("room.you")})</span>}
        </span>
        <span className={styles.hint}>{facts.join(" · ")}</span>
      </span>
      {role !== "member" && (
        <Badge variant="light" tt="none">
          {t(`members.roles.${role}`)}
        </Badge>
      )}
      <MemberMenu member={member} />
    </li>
  );
}

function BanList() {
  const { t, i18n } = useTranslation();
  const { parley } = useServices();
  const { roomId } = useVisit();
  const bans = useRoomList<RoomBan>({
    name: "bans",
    fetch: (api, input, signal) => api.room.bans.query(input, { signal }),
    changedBy: ["banned", "unbanned"],
    isEnabled: true,
  });
  const unban = useMutation({
    mutationFn: (accountId: string) => parley.api.room.unban.mutate({ roomId, accountId }),
  });
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" });
  const error = bans.error ?? unban.error;
  return (
    <>
      {error && <Message>{errorSentence(t, error)}</Message>}
      {!bans.items && !bans.error && <Skeleton height={44} mt="md" />}
      {bans.items?.length === 0 && <p className={styles.nobody}>{t("members.nobodyBanned")}</p>}
      <ul className={styles.list} data-testid="bans">
        {bans.items?.map(({ accountId, name, bannedAt }) => (
          <li key={accountId} className={styles.member}>
            <span className={styles.about}>
              <span className={styles.name}>
                <bdi>{name}</bdi>
              </span>
              <span className={styles.hint}>
                {t("members.bannedAt", { time: time.format(new Date(bannedAt)) })}
              </span>
            </span>
            <Button
              data-testid="unban"
              variant="default"
              size="compact-sm"
              loading={unban.isPending && unban.variables === accountId}
              onClick={() => unban.mutate(accountId)}
            >
              {t("members.unban")}
            </Button>
          </li>
        ))}
      </ul>
      {bans.more && (
        <Button variant="default" loading={bans.isLoadingMore} onClick={bans.more}>
          {t("rooms.more")}
        </Button>
      )}
    </>
  );
}
