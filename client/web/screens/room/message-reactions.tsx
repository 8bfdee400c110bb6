import { useTranslation } from "react-i18next";
import type { Reaction } from "../../../../shared/chat.ts";
import styles from "./message-line.module.css";

type Props = {
  reactions: readonly Reaction[];
  ownAccountId: string;
  nameOf: (accountId: string) => string;
  mayReact: boolean;
  onReact: (emoji: string, on: boolean) => void;
};

/** Emoji that people answered with, and how many did. Pressing one joins them, or leaves them. */
export function Reactions({ reactions, ownAccountId, nameOf, mayReact, onReact }: Props) {
  const { t, i18n } = useTranslation();
  if (reactions.length === 0) return null;
  const list = new Intl.ListFormat(i18n.language, { type: "conjunction" });
  return (
    <div className={styles.reactions}>
      {reactions.map(({ emoji, count, accountIds }) => {
        const isOwn = accountIds.includes(ownAccountId);
        const named = accountIds.slice(0, 5).map(nameOf);
        const more = count - named.length;
        const label =
          more > 0
            ? t("chat.reactedMore", { emoji, names: named.join(", "), count: more })
            : t("chat.reactedBy", { emoji, names: list.format(named) });
        return (
          <button
            key={emoji}
            type="button"
            className={styles.reaction}
            data-testid="reaction"
            data-own={isOwn || undefined}
            aria-pressed={isOwn}
            aria-label={label}
            title={label}
            disabled={!mayReact}
            onClick={() => onReact(emoji, !isOwn)}
          >
            <span aria-hidden>{emoji}</span>
            <span className={styles.count}>{count}</span>
          </button>
        );
      })}
    </div>
  );
}
