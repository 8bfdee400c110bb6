import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { OutgoingMessage } from "../../../sdk/index.ts";
import type { ChatFeed } from "./chat-feed.ts";
import styles from "./message-line.module.css";

/** What one has written and the server has not: on its way, or failed. */
export function OutgoingLine({ chat, message }: { chat: ChatFeed; message: OutgoingMessage }) {
  const { t } = useTranslation();
  const { clientId, text, attachments, state } = message;
  return (
    <li className={styles.message} data-testid="chat-message" data-own data-sending>
      <div className={styles.content}>
        <div className={styles.bubble}>
          {attachments.length > 0 && (
            <p className={styles.aside}>{t("chat.files", { count: attachments.length })}</p>
          )}
          {text !== "" && (
            <p className={styles.text} dir="auto">
              {text}
            </p>
          )}
        </div>
        {state === "sending" && <span className={styles.slow}>{t("chat.sending")}</span>}
        {state === "failed" && (
          <span className={styles.failed} data-testid="not-sent">
            {t("chat.failed")}
            <Button
              data-testid="send-again"
              size="compact-xs"
              variant="light"
              onClick={() => void chat.sendAgain(message)}
            >
              {t("chat.retry")}
            </Button>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              onClick={() => chat.discard(clientId)}
            >
              {t("chat.discard")}
            </Button>
          </span>
        )}
      </div>
    </li>
  );
}
