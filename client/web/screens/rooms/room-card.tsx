import { Badge, Button, VisuallyHidden } from "@mantine/core";
import { IconDoor, IconEyeOff, IconKey, IconLock, IconMapPin } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { nativeLanguageName } from "../../language/language-name.ts";
import { distanceText } from "./distance.ts";
import type { ListedRoom } from "./use-directory.ts";
import styles from "./room-card.module.css";

/** So many languages are named; the others are counted. */
const NAMED = 4;

type Props = { room: ListedRoom; unread?: number | undefined; onJoin: () => void };

export function RoomCard({ room, unread = 0, onJoin }: Props) {
  const { t, i18n } = useTranslation();
  const present =
    room.presentCount > 0 ? t("rooms.present", { count: room.presentCount }) : t("rooms.nobody");
  return (
    <li className={styles.card} data-room={room.id}>
      <div className={styles.text}>
        <div className={styles.title}>
          <bdi className={styles.name} title={room.name}>
            {room.name}
          </bdi>
          <Marks room={room} />
          {unread > 0 && (
            <Badge
              data-testid="unread-count"
              size="sm"
              aria-label={t("rooms.unread", { count: unread })}
            >
              {unread > 99 ? "99+" : unread}
            </Badge>
          )}
        </div>
        {room.description !== "" && (
          <p className={styles.description}>
            <bdi>{room.description}</bdi>
          </p>
        )}
        <div className={styles.about}>
          <span className={styles.presence} data-present={room.presentCount > 0 || undefined}>
            {present}
          </span>
          {isFull(room) && <span data-testid="full">{t("rooms.full")}</span>}
          {room.distanceMetres !== undefined && (
            <span className={styles.distance}>
              <IconMapPin size={14} stroke={1.8} aria-hidden />
              {t("rooms.away", { distance: distanceText(room.distanceMetres, i18n.language) })}
            </span>
          )}
          {room.languages.length > 0 && <Languages tags={room.languages} />}
        </div>
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

function isFull({ capacity, memberCount }: ListedRoom): boolean {
  return capacity !== undefined && memberCount >= capacity;
}

function Marks({ room }: { room: ListedRoom }) {
  const { t } = useTranslation();
  const marks = [
    { is: room.visibility === "private", icon: IconEyeOff, label: t("rooms.private") },
    { is: room.hasPassword, icon: IconKey, label: t("rooms.hasPassword") },
    { is: room.lobby, icon: IconDoor, label: t("rooms.lobby") },
    { is: room.locked, icon: IconLock, label: t("rooms.locked") },
  ];
  return marks
    .filter(({ is }) => is)
    .map(({ icon: Icon, label }) => (
      <span key={label} className={styles.mark} title={label}>
        <Icon size={16} stroke={1.8} aria-hidden />
        <VisuallyHidden>{label}</VisuallyHidden>
      </span>
    ));
}

function Languages({ tags }: { tags: readonly string[] }) {
  const { t } = useTranslation();
  const more = tags.length - NAMED;
  return (
    <span className={styles.languages}>
      {tags.slice(0, NAMED).map((tag) => (
        <bdi key={tag} lang={tag}>
          {nativeLanguageName(tag)}
        </bdi>
      ))}
      {more > 0 && <span>{t("rooms.moreLanguages", { count: more })}</span>}
    </span>
  );
}
