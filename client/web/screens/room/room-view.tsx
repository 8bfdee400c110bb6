import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../../../shared/account.ts";
import { closeOnOwnEscape } from "../../ui/close-on-own-escape.ts";
import { CallBar } from "./call-bar.tsx";
import { CaptionStream } from "./caption-stream.tsx";
import { ChatPanel } from "./chat-panel.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { Faults } from "./faults.tsx";
import { useMessageDraft } from "./message-draft.ts";
import { MicrophoneLine } from "./microphone-controls.tsx";
import { People } from "./people.tsx";
import { RoomHeader } from "./room-header.tsx";
import { useChat, useChatState } from "./use-chat.ts";
import { WaitingPeople } from "./waiting-people.tsx";
import styles from "./room-view.module.css";

const immediately = { getInitialValueInEffect: false };

/** A room that one is in: people, captions, chat, and the bar of one's own part. */
export function RoomView({ account }: { account: OwnAccount }) {
  const { t } = useTranslation();
  const isWide = useMediaQuery("(min-width: 62em)", undefined, immediately);
  const hasChatColumn = useMediaQuery("(min-width: 75em)", undefined, immediately);
  const [columnOpen, setColumnOpen] = useState(true);
  const [drawerOpen, setDrawerOpen] = useState(false);
  const isChatOpen = hasChatColumn ? columnOpen : drawerOpen;
  const setChatOpen = hasChatColumn ? setColumnOpen : setDrawerOpen;
  const isCovered = !hasChatColumn && drawerOpen;
  const chat = useChat(account, isChatOpen);
  const { unread } = useChatState(chat);
  const chatToggle = useRef<HTMLButtonElement>(null);
  const closeChat = () => {
    setChatOpen(false);
    // The button that was pressed goes with the column; a drawer gives the focus back by itself.
    if (hasChatColumn) chatToggle.current?.focus();
  };
  const draft = useMessageDraft(chat.roomId);
  // What a chat over the whole page would hide, and nobody may miss.
  const notice = isCovered && (
    <>
      <ConnectionBanner />
      <WaitingPeople />
      <MicrophoneLine />
      <Faults />
    </>
  );
  const panel = (
    <ChatPanel chat={chat} draft={draft} account={account} notice={notice} onClose={closeChat} />
  );

  return (
    <div className={styles.room} data-chat={(hasChatColumn && columnOpen) || undefined}>
      <div className={styles.header}>
        <RoomHeader />
        {!isCovered && <ConnectionBanner />}
        {!isCovered && <WaitingPeople />}
      </div>
      <aside className={styles.people} aria-label={t("room.people")}>
        <People account={account} />
      </aside>
      <main className={styles.captions} aria-label={t("room.conversation")}>
        <CaptionStream account={account} />
        {!isCovered && <Faults />}
      </main>
      {hasChatColumn && columnOpen && (
        <aside className={styles.chat} aria-label={t("chat.title")}>
          {panel}
        </aside>
      )}
      {!hasChatColumn && (
        <Drawer.Root
          opened={drawerOpen}
          onClose={() => setDrawerOpen(false)}
          {...closeOnOwnEscape(() => setDrawerOpen(false))}
          position="right"
          size="min(100%, 26rem)"
        >
          <Drawer.Overlay />
          <Drawer.Content aria-label={t("chat.title")}>
            <Drawer.Body className={styles.drawerBody}>{panel}</Drawer.Body>
          </Drawer.Content>
        </Drawer.Root>
      )}
      <footer className={styles.bar}>
        <CallBar
          account={account}
          isWide={isWide}
          unread={unread}
          isChatOpen={isChatOpen}
          chatToggle={chatToggle}
          onToggleChat={() => setChatOpen(!isChatOpen)}
        />
      </footer>
    </div>
  );
}
