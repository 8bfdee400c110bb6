import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Room } from "../../../../shared/room.ts";
import styles from "./rooms-screen.module.css";

export function RoomCard({ room, onJoin }: { room: Room; onJoin: () => void }) {
  const { t } = useTranslation();
  const present =
    room.presentCount > 0 ? t("rooms.present", { count: room.presentCount }) : t("rooms.nobody");
  return (
    <li className={styles.card} data-room={room.id}>
      <div className={styles.cardText}>
        <bdi className={styles.roomName}>{room.name}</bdi>
        <span className={styles.presence} data-present={room.presentCount > 0 || undefined}>
          {present}
        </span>
      </div>
      <Button
        data-testid="join-room"
        variant="light"
        aria-label={t("rooms.joinRoom", { name: room.name })}
        onClick={onJoin}
      >
        {t("rooms.join")}
      </Button>
    </li>
  );
}
