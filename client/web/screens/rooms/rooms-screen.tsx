import { Button, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import type { Account } from "../../../../shared/account.ts";
import { useSignOut } from "../../account.ts";
import { isolated } from "../../language/isolated.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { Question } from "../../ui/question.tsx";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import { PageHeader } from "../page-header.tsx";
import { usePageTitle } from "../use-page-title.ts";
import { CreateRoom } from "./create-room.tsx";
import { DirectoryFilters } from "./directory-filters.tsx";
import { RoomSection } from "./room-section.tsx";
import { type DirectoryFilter, useDirectory, useOwnRooms, useUnread } from "./use-directory.ts";
import styles from "./rooms-screen.module.css";

/** How long nothing is typed before it is looked for. */
const TYPING_MS = 250;
const everything: DirectoryFilter = { text: "", language: null, near: undefined };

/** The rooms that are one's own, those that are open, and a way to make one. */
export function RoomsScreen({ account }: { account: Account }) {
  const { t } = useTranslation();
  usePageTitle(t("room.back"));
  const [, navigate] = useLocation();
  const signOut = useSignOut();
  const [isAsked, setAsked] = useState(false);
  const [filter, setFilter] = useState(everything);
  const [text] = useDebouncedValue(filter.text, TYPING_MS);
  const found = useDirectory({ ...filter, text });
  const own = useOwnRooms();
  const ownRooms = own.data?.pages.flatMap(({ items }) => items);
  const unread = useUnread(ownRooms?.map(({ id }) => id) ?? []);
  const isFiltered =
    filter.text.trim() !== "" || filter.language !== null || filter.near !== undefined;
  // Who looks for something finds their own rooms, too. Else each room is there once.
  const ownIds = new Set(isFiltered ? [] : ownRooms?.map(({ id }) => id));
  const isKnown = ownRooms !== undefined || own.error !== null;
  const rooms = isKnown
    ? found.data?.pages.flatMap(({ items }) => items).filter(({ id }) => !ownIds.has(id))
    : undefined;
  const hasOwn = ownRooms !== undefined && ownRooms.length > 0;
  const noRooms = hasOwn ? t("rooms.noOthers") : t("rooms.empty");
  const empty = isFiltered ? t("rooms.nothingFound") : noRooms;
  // A click leads here, so the browser lets the room play sound at once.
  const open = (roomId: string) => navigate(`/rooms/${roomId}`, { state: { join: roomId } });

  return (
    <>
      <PageHeader>
        <Button
          component={Link}
          href="/account"
          data-testid="to-account"
          variant="subtle"
          color="gray"
          size="compact-md"
          className={styles.tool}
          aria-label={t("account.title")}
          leftSection={<IconUser size={17} stroke={1.7} aria-hidden />}
        >
          <span className={styles.toolText}>{t("account.title")}</span>
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          className={styles.tool}
          aria-label={t("rooms.signOut")}
          leftSection={<IconLogout size={17} stroke={1.7} aria-hidden />}
          // A guest has no way back.
          onClick={() => (account.guest ? setAsked(true) : signOut.mutate())}
        >
          <span className={styles.toolText}>{t("rooms.signOut")}</span>
        </Button>
      </PageHeader>
      <main className={styles.main}>
        {signOut.error && !isAsked && <Message>{errorSentence(t, signOut.error)}</Message>}
        <div className={styles.greeting}>
          <SpeakerAvatar
            name={account.name}
            colourKey={account.id}
            picture={account.avatarUrl}
            size={52}
          />
          <Title order={1} size="h2">
            {t("rooms.greeting", { name: isolated(account.name) })}
          </Title>
        </div>
        <CreateRoom onCreated={open} />
        <div className={styles.lists} data-testid="room-list">
          {!isFiltered && (own.error !== null || hasOwn) && (
            <RoomSection
              title={t("rooms.own")}
              rooms={ownRooms}
              unread={unread}
              empty=""
              error={own.error}
              retry={() => void own.refetch()}
              more={own.hasNextPage ? () => void own.fetchNextPage() : undefined}
              isLoadingMore={own.isFetchingNextPage}
              onJoin={open}
            />
          )}
          <RoomSection
            title={t("rooms.list")}
            rooms={rooms}
            empty={empty}
            error={found.error}
            retry={() => void found.refetch()}
            more={found.hasNextPage ? () => void found.fetchNextPage() : undefined}
            isLoadingMore={found.isFetchingNextPage}
            onJoin={open}
          >
            <DirectoryFilters
              filter={filter}
              onChange={(part) => setFilter((before) => ({ ...before, ...part }))}
            />
          </RoomSection>
        </div>
      </main>
      <Question
        title={t("rooms.signOutQuestion")}
        text={t("account.upgradeText")}
        isOpen={isAsked}
        isPending={signOut.isPending}
        fault={signOut.error ? errorSentence(t, signOut.error) : undefined}
        yes={t("rooms.signOut")}
        no={t("members.stay")}
        dismiss={t("failure.dismiss")}
        onYes={() => signOut.mutate()}
        onNo={() => setAsked(false)}
      />
    </>
  );
}
