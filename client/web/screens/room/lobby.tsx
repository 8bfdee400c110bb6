import { Button, Title } from "@mantine/core";
import { IconMessages } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { PageHeader } from "../page-header.tsx";
import styles from "./lobby.module.css";

/** The door of a room, for whoever came by a link. */
export function Lobby({ onJoin }: { onJoin: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles.page}>
      <PageHeader />
      <main className={styles.lobby}>
        <span className={styles.icon}>
          <IconMessages size={36} stroke={1.5} aria-hidden />
        </span>
        <Title order={1} size="h2">
          {t("room.lobbyTitle")}
        </Title>
        <p className={styles.text}>{t("room.lobbyText")}</p>
        <Button data-testid="join-room" size="lg" onClick={onJoin}>
          {t("room.join")}
        </Button>
      </main>
    </div>
  );
}
