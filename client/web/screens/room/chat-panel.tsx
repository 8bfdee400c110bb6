import { ActionIcon, CloseButton, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../../../shared/account.ts";
import { mayInRoom } from "../../../../shared/permission.ts";
import { ChatComposer } from "./chat-composer.tsx";
import type { ChatFeed } from "./chat-feed.ts";
import { ChatMessages, type Target } from "./chat-messages.tsx";
import { ChatSearch } from "./chat-search.tsx";
import { ChatTyping } from "./chat-typing.tsx";
import type { MessageDraft } from "./message-draft.ts";
import { ChatActionsProvider, useChatState } from "./use-chat.ts";
import { useFocusBack } from "./use-focus-back.ts";
import { useVisitState } from "./use-visit.ts";
import styles from "./chat-panel.module.css";

type Props = {
  chat: ChatFeed;
  draft: MessageDraft;
  account: Account;
  /** Shown below the head, for a panel that covers where it would be else. */
  notice?: React.ReactNode;
  onClose: () => void;
};

/** The room's messages: to read, to search, and to write. */
export function ChatPanel({ chat, draft, account, notice, onClose }: Props) {
  const { t } = useTranslation();
  /** Absent: nobody searches. */
  const [search, setSearch] = useState<string>();
  const [target, setTarget] = useState<Target>();
  const { replyToId } = useSyncExternalStore(draft.subscribe, () => draft.state);
  const [isDraggedOver, setDraggedOver] = useState(false);
  const role = useVisitState((state) => state.room?.room.role);
  const mayWrite = role === undefined || mayInRoom(role, "chat.send");
  const { conversation } = useChatState(chat);
  const replyTo = conversation?.messages.find(
    ({ id, removedAt }) => id === replyToId && removedAt === undefined,
  );
  const actions = useMemo(
    () => ({
      reply: (messageId: string) => draft.change({ replyToId: messageId }),
      show: (messageId: string) => {
        setSearch(undefined);
        setTarget({ messageId });
      },
    }),
    [draft],
  );

  const [searchRef, expectSearch] = useFocusBack();
  const closeSearch = () => {
    expectSearch();
    setSearch(undefined);
  };

  return (
    <div
      className={styles.panel}
      data-dragged={isDraggedOver || undefined}
      data-drop={t("chat.dropHere")}
      onDragOver={(event) => {
        if (!mayWrite || !event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setDraggedOver(true);
      }}
      onDragLeave={(event) => {
        const { currentTarget, relatedTarget } = event;
        const isInside = relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
        if (!isInside) setDraggedOver(false);
      }}
      onDrop={(event) => {
        setDraggedOver(false);
        if (!mayWrite || event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        draft.files.add(Array.from(event.dataTransfer.files));
      }}
    >
      <div className={styles.head}>
        {search === undefined ? (
          <>
            <Title order={2} size="h5" className={styles.title}>
              {t("chat.title")}
            </Title>
            <ActionIcon
              ref={searchRef}
              data-testid="search-chat"
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t("chat.search")}
              title={t("chat.search")}
              onClick={() => setSearch("")}
            >
              <IconSearch size={18} stroke={1.8} aria-hidden />
            </ActionIcon>
            <CloseButton aria-label={t("chat.close")} onClick={onClose} />
          </>
        ) : (
          <>
            <TextInput
              data-testid="chat-search"
              className={styles.search}
              type="search"
              // It has just been asked for.
              ref={focusOnce}
              aria-label={t("chat.search")}
              placeholder={t("chat.searchPlaceholder")}
              leftSection={<IconSearch size={16} aria-hidden />}
              dir="auto"
              maxLength={200}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== "Escape") return;
                event.stopPropagation();
                closeSearch();
              }}
            />
            <CloseButton aria-label={t("chat.closeSearch")} onClick={closeSearch} />
          </>
        )}
      </div>
      {notice}
      {search !== undefined && search.trim() !== "" && (
        <ChatSearch chat={chat} text={search} onChoose={actions.show} />
      )}
      {(search === undefined || search.trim() === "") && (
        <ChatActionsProvider value={actions}>
          <ChatMessages chat={chat} account={account} target={target} />
        </ChatActionsProvider>
      )}
      <div className={styles.foot}>
        <ChatTyping chat={chat} account={account} />
        {mayWrite ? (
          <ChatComposer
            chat={chat}
            draft={draft}
            replyTo={replyTo}
            onReplied={() => draft.change({ replyToId: undefined })}
          />
        ) : (
          <p className={styles.listener}>{t("chat.listener")}</p>
        )}
      </div>
    </div>
  );
}

function focusOnce(element: HTMLInputElement | null): void {
  element?.focus();
}
