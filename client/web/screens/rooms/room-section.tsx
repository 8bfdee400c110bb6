import { Button, Skeleton, Title } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { RoomCard } from "./room-card.tsx";
import type { ListedRoom } from "./use-directory.ts";
import styles from "./rooms-screen.module.css";

type Props = {
  title: string;
  /** `undefined` until they are known. */
  rooms: readonly ListedRoom[] | undefined;
  unread?: ReadonlyMap<string, number>;
  /** What is said where there are none. */
  empty: string;
  error: Error | null;
  retry: () => void;
  /** Absent when there are no more. */
  more?: (() => void) | undefined;
  isLoadingMore: boolean;
  onJoin: (roomId: string) => void;
  children?: React.ReactNode;
};

/** One list of rooms. `children` go between its title and its rooms. */
export function RoomSection(props: Props) {
  const { title, rooms, unread, empty, error, retry, more, isLoadingMore, onJoin } = props;
  const { t } = useTranslation();
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.section}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      {props.children}
      {error && (
        <Message action={{ label: t("failure.again"), run: retry }}>
          {errorSentence(t, error)}
        </Message>
      )}
      {!rooms && !error && <Skeleton height={76} radius="md" />}
      {rooms?.length === 0 && <p className={styles.empty}>{empty}</p>}
      <ul className={styles.list}>
        {rooms?.map((room) => (
          <RoomCard
            key={room.id}
            room={room}
            unread={unread?.get(room.id)}
            onJoin={() => onJoin(room.id)}
          />
        ))}
      </ul>
      {more && (
        <Button variant="default" loading={isLoadingMore} onClick={more}>
          {t("rooms.more")}
        </Button>
      )}
    </section>
  );
}
