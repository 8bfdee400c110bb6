import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HistoryMessage } from "../../../../shared/chat.ts";
import styles from "./message-line.module.css";

/**
 * What somebody wrote, in the reader's language where there is a translation, with the original a
 * press away. The text decides by itself which way it runs, and nothing in it is markup.
 */
export function MessageText({ message, isOwn }: { message: HistoryMessage; isOwn: boolean }) {
  const { t } = useTranslation();
  const { text, language, translation } = message;
  const [isOriginalShown, setOriginalShown] = useState(false);
  const originalId = useId();
  if (text === "") return null;
  if (translation?.state !== "done" || translation.text === text) {
    // One knows what one wrote, and a smile is the same in every language.
    const isMissed = !isOwn && /\p{L}/u.test(text);
    return (
      <>
        <p className={styles.text} lang={language} dir="auto" data-testid="message-text">
          {text}
        </p>
        {isMissed && translation?.state === "pending" && (
          <p className={styles.aside}>{t("chat.translating")}</p>
        )}
        {isMissed && translation?.state === "failed" && (
          <p className={styles.aside} data-testid="no-translation">
            {translation.reason === "LANGUAGE_PAIR_UNAVAILABLE"
              ? t("chat.noPair")
              : t("chat.notTranslated")}
          </p>
        )}
      </>
    );
  }
  return (
    <>
      <p className={styles.text} lang={translation.language} dir="auto" data-testid="message-text">
        {translation.text}
      </p>
      {isOriginalShown && (
        <p
          id={originalId}
          className={styles.original}
          lang={language}
          dir="auto"
          data-testid="message-original"
        >
          {text}
        </p>
      )}
      <button
        type="button"
        className={styles.toOriginal}
        data-testid="show-original"
        tabIndex={-1}
        aria-expanded={isOriginalShown}
        aria-controls={isOriginalShown ? originalId : undefined}
        onClick={() => setOriginalShown(!isOriginalShown)}
      >
        {isOriginalShown ? t("chat.hideOriginal") : t("chat.original")}
      </button>
    </>
  );
}
