import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type HistoryMessage, MESSAGE_LIMIT } from "../../../../shared/chat.ts";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import { Question } from "../../ui/question.tsx";
import type { ChatFeed } from "./chat-feed.ts";
import { InlineEdit } from "./inline-edit.tsx";
import { MessageActions } from "./message-actions.tsx";
import { Attachments } from "./message-attachments.tsx";
import { Quote } from "./message-quote.tsx";
import { Reactions } from "./message-reactions.tsx";
import { MessageText } from "./message-text.tsx";
import { useChatActions } from "./use-chat.ts";
import styles from "./message-line.module.css";

type Props = {
  chat: ChatFeed;
  message: HistoryMessage;
  picture: string | undefined;
  ownAccountId: string;
  isContinued: boolean;
  mayWrite: boolean;
  /** As a moderator: what others wrote, too. */
  mayRemoveAny: boolean;
  nameOf: (accountId: string) => string;
};

export const MessageLine = memo(function MessageLine(props: Props) {
  const { chat, message, picture, ownAccountId, isContinued, mayWrite, mayRemoveAny, nameOf } =
    props;
  const { t, i18n } = useTranslation();
  const { reply } = useChatActions();
  const [isEditing, setEditing] = useState(false);
  const { id, author, sentAt, text, replyTo, attachments, reactions } = message;
  const isOwn = author.accountId === ownAccountId;
  const isRemoved = message.removedAt !== undefined;
  const time = new Date(sentAt).toLocaleTimeString(i18n.language, { timeStyle: "short" });
  const name = author.name === "" ? t("chat.somebody") : author.name;
  return (
    <li
      id={`message-${id}`}
      className={styles.message}
      data-testid="chat-message"
      data-own={isOwn || undefined}
      data-continued={isContinued || undefined}
      data-removed={isRemoved || undefined}
      data-editing={(isEditing && !isRemoved) || undefined}
      tabIndex={-1}
    >
      {!isOwn && (
        <span className={styles.avatar}>
          {!isContinued && (
            <SpeakerAvatar name={name} colourKey={author.accountId} picture={picture} size={28} />
          )}
        </span>
      )}
      <div className={styles.content}>
        {!isContinued && (
          <span className={styles.author}>
            {isOwn ? <span className={styles.you}>{t("chat.you")}</span> : <bdi>{name}</bdi>}
            <time dateTime={sentAt}>{time}</time>
          </span>
        )}
        {isEditing && !isRemoved ? (
          <InlineEdit
            label={t("chat.editing")}
            text={text}
            limit={MESSAGE_LIMIT}
            mayBeEmpty={attachments.length > 0}
            onSave={(changed) => chat.edit(id, changed)}
            onClose={() => setEditing(false)}
          />
        ) : (
          <div className={styles.bubbleLine}>
            <div className={styles.bubble} title={time}>
              {isRemoved ? (
                <p className={styles.tombstone}>{t("chat.removed")}</p>
              ) : (
                <>
                  {replyTo && <Quote quote={replyTo} />}
                  <Attachments attachments={attachments} />
                  <MessageText message={message} isOwn={isOwn} />
                  {message.editedAt !== undefined && (
                    <span className={styles.edited}>{t("chat.edited")}</span>
                  )}
                </>
              )}
            </div>
            {!isRemoved && (
              <Actions
                chat={chat}
                messageId={id}
                mayWrite={mayWrite}
                mayEdit={isOwn && mayWrite}
                mayRemove={isOwn || mayRemoveAny}
                onReply={() => reply(id)}
                onEdit={() => setEditing(true)}
              />
            )}
          </div>
        )}
        <Reactions
          reactions={reactions}
          ownAccountId={ownAccountId}
          nameOf={nameOf}
          mayReact={mayWrite}
          onReact={(emoji, on) => void chat.react(id, emoji, on)}
        />
      </div>
    </li>
  );
});

type ActionsProps = {
  chat: ChatFeed;
  messageId: string;
  mayWrite: boolean;
  mayEdit: boolean;
  mayRemove: boolean;
  onReply: () => void;
  onEdit: () => void;
};

function Actions({ chat, messageId, onReply, onEdit, ...may }: ActionsProps) {
  const { t } = useTranslation();
  const [isAsked, setAsked] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const remove = async () => {
    setRemoving(true);
    await chat.remove(messageId);
    setRemoving(false);
    setAsked(false);
  };
  return (
    <div className={styles.actions}>
      <MessageActions
        {...may}
        onReact={(emoji) => void chat.react(messageId, emoji, true)}
        onReply={onReply}
        onEdit={onEdit}
        onRemove={() => setAsked(true)}
      />
      <Question
        title={t("chat.removeQuestion")}
        text={t("chat.removeText")}
        isOpen={isAsked}
        isPending={isRemoving}
        yes={t("chat.remove")}
        no={t("chat.keep")}
        dismiss={t("chat.keep")}
        onYes={() => void remove()}
        onNo={() => setAsked(false)}
      />
    </div>
  );
}
