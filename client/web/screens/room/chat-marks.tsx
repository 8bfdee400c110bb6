import { useTranslation } from "react-i18next";
import type { RoomMember } from "../../../../shared/room.ts";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import styles from "./chat-panel.module.css";

/** People whose pictures are shown beside a message that they have read. */
const SHOWN = 4;

export function DayLine({ at }: { at: string }) {
  const { t, i18n } = useTranslation();
  const { relative, date } = dayOf(new Date(at), i18n.language);
  return (
    <li className={styles.day} data-testid="day">
      <time dateTime={at}>{relative === undefined ? date : t(`chat.${relative}`)}</time>
    </li>
  );
}

function dayOf(day: Date, language: string): { relative?: "today" | "yesterday"; date: string } {
  const now = new Date();
  const midnight = (date: Date) => new Date(date).setHours(0, 0, 0, 0);
  // A day may have an hour less or more.
  const daysAgo = Math.round((midnight(now) - midnight(day)) / (24 * 60 * 60 * 1000));
  const date = day.toLocaleDateString(language, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: day.getFullYear() === now.getFullYear() ? undefined : "numeric",
  });
  if (daysAgo === 0) return { relative: "today", date };
  return daysAgo === 1 ? { relative: "yesterday", date } : { date };
}

/** Where what one hasn't read begins. */
export function NewLine() {
  const { t } = useTranslation();
  return (
    <li className={styles.new} data-testid="new-messages">
      {t("chat.unreadFrom")}
    </li>
  );
}

type SeenByProps = {
  accountIds: readonly string[];
  people: ReadonlyMap<string, RoomMember>;
};

/** Who has read up to here. */
export function SeenBy({ accountIds, people }: SeenByProps) {
  const { t, i18n } = useTranslation();
  const readers = accountIds.flatMap((accountId) => people.get(accountId) ?? []);
  if (readers.length === 0) return null;
  const names = new Intl.ListFormat(i18n.language).format(readers.map(({ name }) => name));
  const label = t("chat.seenBy", { names });
  return (
    <li className={styles.seen} data-testid="seen-by" title={label}>
      <span className={styles.seenNames}>{label}</span>
      {readers.slice(0, SHOWN).map(({ accountId, name, avatarUrl }) => (
        <SpeakerAvatar
          key={accountId}
          name={name}
          colourKey={accountId}
          picture={avatarUrl}
          size={16}
        />
      ))}
      {readers.length > SHOWN && <span aria-hidden>+{readers.length - SHOWN}</span>}
    </li>
  );
}
