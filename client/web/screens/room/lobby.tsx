import { Button, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconMessages } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useServices } from "../../services.ts";
import { PageHeader } from "../page-header.tsx";
import { usePageTitle } from "../use-page-title.ts";
import styles from "./lobby.module.css";

/** The door of a room, for whoever came by a link. Its members see which one it is. */
export function Lobby({ roomId, onJoin }: { roomId: string; onJoin: () => void }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const { data: room } = useQuery({
    queryKey: ["room", roomId, "door"],
    queryFn: ({ signal }) => parley.api.room.get.query({ roomId }, { signal }),
    retry: false,
  });
  usePageTitle(room?.name);
  return (
    <div className={styles.page}>
      <PageHeader />
      <main className={styles.lobby}>
        <span className={styles.icon}>
          <IconMessages size={36} stroke={1.5} aria-hidden />
        </span>
        <Title order={1} size="h2">
          {room ? <bdi>{room.name}</bdi> : t("room.lobbyTitle")}
        </Title>
        <p className={styles.text}>{t("room.lobbyText")}</p>
        <Button data-testid="join-room" size="lg" onClick={onJoin}>
          {t("room.join")}
        </Button>
      </main>
    </div>
  );
}
