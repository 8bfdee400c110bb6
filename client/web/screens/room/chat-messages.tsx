import { Button } from "@mantine/core";
import { useDocumentVisibility } from "@mantine/hooks";
import { IconArrowDown } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../../../shared/account.ts";
import { mayInRoom } from "../../../../shared/permission.ts";
import type { ChatFeed } from "./chat-feed.ts";
import { DayLine, NewLine, SeenBy } from "./chat-marks.tsx";
import { goAboutLines } from "./line-keys.ts";
import { MessageLine } from "./message-line.tsx";
import { messageRows } from "./message-rows.ts";
import { OutgoingLine } from "./outgoing-line.tsx";
import { useChatState } from "./use-chat.ts";
import { usePlaceKept } from "./use-place-kept.ts";
import { useStickToEnd } from "./use-stick-to-end.ts";
import { useVisitState } from "./use-visit.ts";
import styles from "./chat-panel.module.css";

/** So near to an edge of the list, in CSS pixels, its next page is fetched. */
const NEAR_EDGE = 120;

/** Something to bring into sight. A new object each time, even for the same message. */
export type Target = { messageId: string };

type Props = { chat: ChatFeed; account: Account; target: Target | undefined };

export function ChatMessages({ chat, account, target }: Props) {
  const { t } = useTranslation();
  const { conversation, unread, newAfter, isLoading } = useChatState(chat);
  const { messages = [], outgoing = [], hasOlder, hasNewer = false } = conversation ?? {};
  const { scrollRef, onScroll, isAtEnd, toEnd, release, show } = useStickToEnd(!hasNewer);
  const members = useVisitState((state) => state.room?.room.members);
  const role = useVisitState((state) => state.room?.room.role);
  const isVisible = useDocumentVisibility() === "visible";
  const people = useMemo(
    () => new Map(members?.map((member) => [member.accountId, member])),
    [members],
  );
  const nameOf = useCallback(
    (accountId: string) =>
      accountId === account.id
        ? t("chat.you")
        : (people.get(accountId)?.name ?? t("chat.somebody")),
    [account.id, people, t],
  );
  const reads = conversation?.reads;
  const rows = useMemo(
    () => messageRows({ messages, reads: reads ?? new Map(), newAfter, ownAccountId: account.id }),
    [messages, reads, newAfter, account.id],
  );
  usePlaceKept(scrollRef, rows);

  useEffect(() => {
    chat.setReading(isAtEnd && isVisible);
    return () => chat.setReading(false);
  }, [chat, isAtEnd, isVisible]);

  useEffect(() => {
    if (!target) return;
    release();
    void chat.showMessage(target.messageId).then((isThere) => {
      if (isThere) bringIntoSight(target.messageId, show);
    });
  }, [chat, target, release, show]);

  const sentClientId = outgoing.at(-1)?.clientId;
  useEffect(() => {
    // What one has just written is to be seen, wherever one was.
    if (sentClientId !== undefined) void chat.showNewest().then(toEnd);
  }, [chat, sentClientId, toEnd]);

  const isEmpty = messages.length + outgoing.length === 0;
  return (
    <div className={styles.scrollPlace}>
      {/* The list itself can have the focus, to be scrolled by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={scrollRef}
        className={styles.scroll}
        role="log"
        aria-label={t("chat.title")}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onKeyDown={goAboutLines}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          onScroll();
          if (scrollTop < NEAR_EDGE) void chat.loadOlder();
          else if (scrollHeight - scrollTop - clientHeight < NEAR_EDGE) void chat.loadNewer();
        }}
      >
        {isEmpty && !isLoading ? (
          <div className={styles.empty}>
            <p className={styles.emptyTitle}>{t("chat.empty")}</p>
            <p className={styles.emptyHelp}>{t("chat.emptyHelp")}</p>
          </div>
        ) : (
          <p className={styles.edge}>
            {isLoading ? t("chat.older") : hasOlder === false && t("chat.beginning")}
          </p>
        )}
        <ol className={styles.messages}>
          {rows.map((row) => {
            if (row.kind === "day") return <DayLine key={row.key} at={row.at} />;
            if (row.kind === "new") return <NewLine key={row.key} />;
            const { message, isContinued, seenBy } = row;
            return [
              <MessageLine
                key={row.key}
                chat={chat}
                message={message}
                picture={people.get(message.author.accountId)?.avatarUrl}
                ownAccountId={account.id}
                isContinued={isContinued}
                mayWrite={role !== undefined && mayInRoom(role, "chat.send")}
                mayRemoveAny={role !== undefined && mayInRoom(role, "chat.remove")}
                nameOf={nameOf}
              />,
              <SeenBy key={`seen ${row.key}`} accountIds={seenBy} people={people} />,
            ];
          })}
          {!hasNewer &&
            outgoing.map((message) => (
              <OutgoingLine key={message.clientId} chat={chat} message={message} />
            ))}
        </ol>
      </div>
      {!isAtEnd && !isEmpty && (
        <Button
          className={styles.newest}
          data-testid="to-newest"
          size="compact-md"
          radius="xl"
          rightSection={<IconArrowDown size={16} aria-hidden />}
          onClick={() => void chat.showNewest().then(toEnd)}
        >
          {unread > 0 ? t("chat.newestUnread", { count: unread }) : t("chat.newest")}
        </Button>
      )}
    </div>
  );
}

/** Once the list that it is in has been drawn. */
function bringIntoSight(messageId: string, show: (line: HTMLElement) => void): void {
  requestAnimationFrame(() => {
    const element = document.getElementById(`message-${messageId}`);
    if (!element) return;
    show(element);
    element.focus({ preventScroll: true });
  });
}
