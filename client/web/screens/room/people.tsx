import { VisuallyHidden } from "@mantine/core";
import { IconMicrophone, IconMicrophoneOff, IconPlayerTrackNextFilled } from "@tabler/icons-react";
import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../../../shared/account.ts";
import type { LanguageTag } from "../../../../shared/language.ts";
import type { RoomMember } from "../../../../shared/room.ts";
import type { Lag } from "../../../sdk/index.ts";
import { languageName } from "../../language/language-name.ts";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import { MemberMenu } from "./member-menu.tsx";
import { useLanguageChoices, useVisitState } from "./use-visit.ts";
import styles from "./people.module.css";

/** Who is here, who speaks, and how far their interpreters are behind. */
export function People({ account }: { account: OwnAccount }) {
  const room = useVisitState((state) => state.room);
  const speaks = useVisitState((state) => state.speaks);
  const lags = useVisitState((state) => state.lags);
  const microphone = useVisitState((state) => state.microphone);
  const own = useLanguageChoices(account);
  const isOwnOpen = microphone === "on" || microphone === "muted";
  const members = useMemo(() => {
    const collator = new Intl.Collator();
    const isOpen = ({ accountId }: RoomMember) =>
      accountId === account.id ? isOwnOpen : speaks.has(accountId);
    return (room?.room.members ?? [])
      .filter(({ present }) => present)
      .sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || collator.compare(a.name, b.name));
  }, [room?.room.members, speaks, isOwnOpen, account.id]);

  return (
    <ul className={styles.people}>
      {members.map((member) => {
        const isOwn = member.accountId === account.id;
        const voice = speaks.get(member.accountId);
        const isOpen = isOwn ? isOwnOpen : voice !== undefined;
        const isMuted = isOwn ? microphone === "muted" : (voice?.muted ?? false);
        return (
          <Person
            key={member.accountId}
            member={member}
            isOwn={isOwn}
            language={isOwn ? own.speak : (voice ?? member).language}
            microphone={isOpen ? (isMuted ? "muted" : "on") : "off"}
            speaking={isOpen && !isMuted && (room?.speaking.has(member.accountId) ?? false)}
            lag={lags.get(member.accountId)}
          />
        );
      })}
    </ul>
  );
}

type PersonProps = {
  member: RoomMember;
  isOwn: boolean;
  language: LanguageTag;
  microphone: "off" | "on" | "muted";
  speaking: boolean;
  lag?: Lag;
};

const Person = memo(function Person(props: PersonProps) {
  const { member, isOwn, language, microphone, speaking, lag } = props;
  const { t, i18n } = useTranslation();
  return (
    <li
      className={styles.person}
      data-testid="person"
      data-microphone={microphone}
      data-speaking={speaking || undefined}
      data-silenced={member.silenced || undefined}
    >
      <SpeakerAvatar
        name={member.name}
        colourKey={member.accountId}
        picture={member.avatarUrl}
        size={40}
        speaking={speaking}
      />
      <div className={styles.about}>
        <span className={styles.name}>
          <bdi title={member.name}>{member.name}</bdi>
          {isOwn && <span className={styles.own}> ({t("room.you")})</span>}
        </span>
        <span className={styles.language}>
          {(member.role === "owner" || member.role === "moderator") && (
            <span className={styles.role}>{t(`members.roles.${member.role}`)} · </span>
          )}
          {member.silenced ? (
            <span className={styles.silenced}>{t("members.silenced")}</span>
          ) : (
            t("room.speaks", { language: languageName(language, i18n.language) })
          )}
          {speaking && <VisuallyHidden>, {t("room.speakingNow")}</VisuallyHidden>}
        </span>
        {lag && <LagBadge name={member.name} lag={lag} />}
      </div>
      {microphone !== "off" && (
        <span className={styles.microphone} data-on={microphone === "on" || undefined}>
          {microphone === "on" ? (
            <IconMicrophone size={18} stroke={1.8} aria-hidden />
          ) : (
            <IconMicrophoneOff size={18} stroke={1.8} aria-hidden />
          )}
          <VisuallyHidden>
            {microphone === "on" ? t("room.microphoneOn") : t("room.microphoneMuted")}
          </VisuallyHidden>
        </span>
      )}
      <MemberMenu member={member} />
    </li>
  );
});

function LagBadge({ name, lag }: { name: string; lag: Lag }) {
  const { t, i18n } = useTranslation();
  const seconds = new Intl.NumberFormat(i18n.language, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(lag.lagMs / 1000);
  return (
    <span
      className={styles.lag}
      data-testid="voice-lag"
      data-lag-ms={lag.lagMs}
      title={t("room.lagLabel", { seconds, name })}
    >
      {t("room.lag", { seconds })}
      {lag.rate > 1.01 && (
        <span title={t("room.hurrying")} className={styles.hurrying}>
          <IconPlayerTrackNextFilled size={10} aria-hidden />
          <VisuallyHidden>{t("room.hurrying")}</VisuallyHidden>
        </span>
      )}
    </span>
  );
}
