import { ActionIcon, CloseButton, FileButton, Textarea } from "@mantine/core";
import { IconPaperclip, IconSend2 } from "@tabler/icons-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { ATTACHMENT_LIMIT, type HistoryMessage, MESSAGE_LIMIT } from "../../../../shared/chat.ts";
import { ParleyError } from "../../../sdk/index.ts";
import { isolated } from "../../language/isolated.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { AttachmentList } from "./attachment-list.tsx";
import type { ChatFeed } from "./chat-feed.ts";
import type { MessageDraft } from "./message-draft.ts";
import { useChatState } from "./use-chat.ts";
import styles from "./chat-composer.module.css";

const ACCEPTED = "image/*,audio/*,.m4a,.webm,.ogg";

type Props = {
  chat: ChatFeed;
  draft: MessageDraft;
  replyTo: HistoryMessage | undefined;
  onReplied: () => void;
};

/** Where one writes, with what goes with the message. */
export function ChatComposer({ chat, draft, replyTo, onReplied }: Props) {
  const { t } = useTranslation();
  const { error: chatError } = useChatState(chat);
  const drafts = draft.files;
  const { drafts: files, isTooMany } = useSyncExternalStore(drafts.subscribe, () => drafts.state);
  const { text } = useSyncExternalStore(draft.subscribe, () => draft.state);
  const [isTooLong, setTooLong] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const isReady = files.every(({ uploadId }) => uploadId !== undefined);
  const maySend = isReady && (text.trim() !== "" || files.length > 0);
  useEffect(() => {
    if (replyTo) input.current?.focus();
  }, [replyTo]);
  useEffect(() => () => chat.setTyping(false), [chat]);

  const send = () => {
    if (!maySend) return;
    // Said here rather than by the server: the text stays where it can be shortened.
    setTooLong(text.length > MESSAGE_LIMIT);
    if (text.length > MESSAGE_LIMIT) return;
    draft.change({ text: "" });
    void chat.send(text, { attachments: drafts.take(), ...(replyTo && { replyTo: replyTo.id }) });
    onReplied();
  };
  const error = isTooLong ? new ParleyError("MESSAGE_TOO_LONG", "too long") : chatError;
  const name = replyTo?.author.name || t("chat.somebody");
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {error && (
        <Message
          dismiss={{
            label: t("failure.dismiss"),
            run: () => {
              setTooLong(false);
              chat.dismissError();
            },
          }}
        >
          {errorSentence(t, error)}
        </Message>
      )}
      {isTooMany && <Message>{t("chat.tooManyFiles", { count: ATTACHMENT_LIMIT })}</Message>}
      {replyTo && (
        <div className={styles.reply} data-testid="replying">
          <div className={styles.replyAbout}>
            <span className={styles.replyName}>
              {t("chat.replyingTo", { name: isolated(name) })}
            </span>
            <span className={styles.replyText} dir="auto">
              {replyTo.text === "" ? t("chat.quotedPhoto") : replyTo.text}
            </span>
          </div>
          <CloseButton size="sm" aria-label={t("chat.noReply")} onClick={onReplied} />
        </div>
      )}
      <AttachmentList drafts={drafts} items={files} />
      <div className={styles.line}>
        <FileButton multiple accept={ACCEPTED} onChange={(chosen) => drafts.add(chosen)}>
          {(props) => (
            <ActionIcon
              {...props}
              data-testid="attach"
              variant="subtle"
              color="gray"
              size="input-sm"
              aria-label={t("chat.attach")}
              title={t("chat.attach")}
            >
              <IconPaperclip size={19} stroke={1.7} aria-hidden />
            </ActionIcon>
          )}
        </FileButton>
        <Textarea
          ref={input}
          data-testid="chat-input"
          className={styles.input}
          aria-label={t("chat.placeholder")}
          placeholder={t("chat.placeholder")}
          autosize
          minRows={1}
          maxRows={6}
          dir="auto"
          value={text}
          onChange={(event) => {
            const written = event.currentTarget.value;
            draft.change({ text: written });
            setTooLong(false);
            chat.setTyping(written.trim() !== "");
          }}
          onPaste={(event) => {
            const pasted = Array.from(event.clipboardData.files);
            if (pasted.length === 0) return;
            event.preventDefault();
            drafts.add(pasted);
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "Escape" && replyTo) {
              event.stopPropagation();
              onReplied();
            }
            // Enter also confirms what an input method offers, in Chinese or Japanese.
            if (event.key !== "Enter" || event.shiftKey) return;
            event.preventDefault();
            send();
          }}
        />
        <ActionIcon
          data-testid="chat-send"
          type="submit"
          size="input-sm"
          aria-label={t("chat.send")}
          disabled={!maySend}
        >
          <IconSend2 size={19} stroke={1.8} className={styles.sendIcon} aria-hidden />
        </ActionIcon>
      </div>
    </form>
  );
}
