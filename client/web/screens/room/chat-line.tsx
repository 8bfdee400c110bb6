import { memo } from "react";
import { useTranslation } from "react-i18next";
import { type LanguageTag } from "../../../../shared/language.ts";
import styles from "./chat-panel.module.css";

type Props = {
  author: { accountId: string; name: string };
  text: string;
  language: LanguageTag;
  /** Absent while it is on its way. */
  sentAt?: string;
  isOwn: boolean;
  isContinued: boolean;
  children?: React.ReactNode;
};

export const ChatLine = memo(function ChatLine(props: Props) {
  const { author, text, language, sentAt, isOwn, isContinued, children } = props;
  const { i18n } = useTranslation();
  const time = sentAt && new Date(sentAt).toLocaleTimeString(i18n.language, { timeStyle: "short" });
  return (
    <li
      className={styles.message}
      data-testid="chat-message"
      data-own={isOwn || undefined}
      data-sending={sentAt === undefined || undefined}
    >
      {!isContinued && (
        <span className={styles.author}>
          {!isOwn && <bdi>{author.name}</bdi>}
          {sentAt !== undefined && <time dateTime={sentAt}>{time}</time>}
        </span>
      )}
      <span className={styles.bubble} lang={language} dir="auto" title={time}>
        {text}
      </span>
      {children}
    </li>
  );
});
