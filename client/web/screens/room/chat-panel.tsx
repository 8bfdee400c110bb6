import { ActionIcon, Button, CloseButton, Textarea, Title } from "@mantine/core";
import { IconSend2 } from "@tabler/icons-react";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Account } from "../../../../shared/account.ts";
import { MESSAGE_LIMIT } from "../../../../shared/chat.ts";
import { ParleyError } from "../../../sdk/index.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { ChatLine } from "./chat-line.tsx";
import { type ChatFeed } from "./chat-feed.ts";
import { useChatState } from "./use-chat.ts";
import { useStickToEnd } from "./use-stick-to-end.ts";
import styles from "./chat-panel.module.css";

type Props = { chat: ChatFeed; account: Account; onClose: () => void };

export function ChatPanel({ chat, account, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <div className={styles.panel}>
      <div className={styles.head}>
        <Title order={2} size="h5">
          {t("chat.title")}
        </Title>
        <CloseButton aria-label={t("chat.close")} onClick={onClose} />
      </div>
      <Messages chat={chat} account={account} />
      <Composer chat={chat} />
    </div>
  );
}

function Messages({ chat, account }: { chat: ChatFeed; account: Account }) {
  const { t } = useTranslation();
  const { list, isLoading, hasOlder } = useChatState(chat);
  const { messages, outgoing } = list;
  const { scrollRef, onScroll } = useStickToEnd();
  const firstId = messages[0]?.id;
  const before = useRef({ firstId, height: 0 });

  // When older ones come in above, what one was looking at stays where it was.
  useLayoutEffect(() => {
    const element = scrollRef.current;
    if (!element) return;
    const { firstId: lastFirstId, height } = before.current;
    if (lastFirstId !== undefined && lastFirstId !== firstId) {
      element.scrollTop += element.scrollHeight - height;
    }
    before.current = { firstId, height: element.scrollHeight };
  });

  return (
    <div
      ref={scrollRef}
      className={styles.scroll}
      role="log"
      aria-label={t("chat.title")}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onScroll={(event) => {
        onScroll();
        if (event.currentTarget.scrollTop < 80) void chat.loadOlder();
      }}
    >
      <p className={styles.edge}>
        {isLoading
          ? t("chat.older")
          : messages.length + outgoing.length === 0
            ? t("chat.empty")
            : !hasOlder && t("chat.beginning")}
      </p>
      <ol className={styles.messages}>
        {messages.map((message, index) => (
          <ChatLine
            key={message.clientId}
            author={message.author}
            text={message.text}
            language={message.language}
            sentAt={message.sentAt}
            isOwn={message.author.accountId === account.id}
            isContinued={messages[index - 1]?.author.accountId === message.author.accountId}
          />
        ))}
        {outgoing.map(({ clientId, text, state }) => (
          <ChatLine
            key={clientId}
            author={{ accountId: account.id, name: account.name }}
            text={text}
            language={account.language}
            isOwn
            isContinued={messages.at(-1)?.author.accountId === account.id}
          >
            {state === "failed" && (
              <span className={styles.failed}>
                {t("chat.failed")}{" "}
                <Button
                  size="compact-xs"
                  variant="light"
                  onClick={() => void chat.send(text, clientId)}
                >
                  {t("chat.retry")}
                </Button>
              </span>
            )}
          </ChatLine>
        ))}
      </ol>
    </div>
  );
}

function Composer({ chat }: { chat: ChatFeed }) {
  const { t } = useTranslation();
  const state = useChatState(chat);
  const [text, setText] = useState("");
  const [isTooLong, setTooLong] = useState(false);
  const send = () => {
    if (text.trim() === "") return;
    // Said here rather than by the server: the text stays where it can be shortened.
    setTooLong(text.length > MESSAGE_LIMIT);
    if (text.length > MESSAGE_LIMIT) return;
    setText("");
    void chat.send(text);
  };
  const error = isTooLong ? new ParleyError("MESSAGE_TOO_LONG", "too long") : state.error;
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
      <div className={styles.composerLine}>
        <Textarea
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
            setText(event.currentTarget.value);
            setTooLong(false);
          }}
          onKeyDown={(event) => {
            // Enter also confirms what an input method offers, in Chinese or Japanese.
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <ActionIcon
          data-testid="chat-send"
          type="submit"
          size={36}
          aria-label={t("chat.send")}
          disabled={text.trim() === ""}
        >
          <IconSend2 size={19} stroke={1.8} className={styles.sendIcon} />
        </ActionIcon>
      </div>
    </form>
  );
}
