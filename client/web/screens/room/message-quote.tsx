import { useTranslation } from "react-i18next";
import type { MessageQuote } from "../../../../shared/chat.ts";
import { useChatActions } from "./use-chat.ts";
import styles from "./message-line.module.css";

/** What a message answers: press it to go there. */
export function Quote({ quote }: { quote: MessageQuote }) {
  const { t } = useTranslation();
  const { show } = useChatActions();
  const name = quote.author.name === "" ? t("chat.somebody") : quote.author.name;
  return (
    <button
      type="button"
      className={styles.quote}
      data-testid="quote"
      aria-label={t("chat.toQuoted", { name })}
      onClick={() => show(quote.id)}
    >
      <bdi className={styles.quoteAuthor}>{name}</bdi>
      <span className={styles.quoteText} dir="auto">
        {quote.removed ? t("chat.removed") : quote.text === "" ? t("chat.quotedPhoto") : quote.text}
      </span>
    </button>
  );
}
