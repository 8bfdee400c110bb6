import { Button, Skeleton, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { type Account } from "../../../../shared/account.ts";
import { useSignOut } from "../../account.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import { PageHeader } from "../page-header.tsx";
import { CreateRoom } from "./create-room.tsx";
import { RoomCard } from "./room-card.tsx";
import styles from "./rooms-screen.module.css";

/** How often the list is asked for while it is looked at. */
const REFRESH_MS = 5000;

/** The rooms that are open, and a way to make one. */
export function RoomsScreen({ account }: { account: Account }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [, navigate] = useLocation();
  const signOut = useSignOut();
  const list = useInfiniteQuery({
    queryKey: ["room", "list"],
    queryFn: ({ pageParam, signal }) =>
      parley.api.room.list.query({ cursor: pageParam, limit: 30 }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: REFRESH_MS,
  });
  const rooms = list.data?.pages.flatMap(({ items }) => items);
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
          aria-label={t("account.title")}
          leftSection={<IconUser size={17} stroke={1.7} aria-hidden />}
        >
          <span className={styles.signOutText}>{t("account.title")}</span>
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          className={styles.signOut}
          aria-label={t("rooms.signOut")}
          leftSection={<IconLogout size={17} stroke={1.7} aria-hidden />}
          onClick={() => signOut.mutate()}
        >
          <span className={styles.signOutText}>{t("rooms.signOut")}</span>
        </Button>
      </PageHeader>
      <main className={styles.main}>
        <div className={styles.greeting}>
          <SpeakerAvatar
            name={account.name}
            colourKey={account.id}
            picture={account.avatarUrl}
            size={52}
          />
          <Title order={1} size="h2" dir="auto">
            {t("rooms.greeting", { name: account.name })}
          </Title>
        </div>
        <CreateRoom onCreated={open} />
        <section aria-labelledby="open-rooms" className={styles.section}>
          <Title order={2} size="h4" id="open-rooms">
            {t("rooms.list")}
          </Title>
          {list.error && (
            <Message action={{ label: t("failure.again"), run: () => void list.refetch() }}>
              {errorSentence(t, list.error)}
            </Message>
          )}
          {!rooms && !list.error && <Skeleton height={76} radius="md" />}
          {rooms?.length === 0 && <p className={styles.empty}>{t("rooms.empty")}</p>}
          <ul className={styles.list} data-testid="room-list">
            {rooms?.map((room) => (
              <RoomCard key={room.id} room={room} onJoin={() => open(room.id)} />
            ))}
          </ul>
          {list.hasNextPage && (
            <Button
              variant="default"
              loading={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              {t("rooms.more")}
            </Button>
          )}
        </section>
      </main>
    </>
  );
}
