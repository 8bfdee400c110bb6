import { Button, Loader, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { isolated } from "../../language/isolated.ts";
import { useServices } from "../../services.ts";
import { PageHeader } from "../page-header.tsx";
import { usePageTitle } from "../use-page-title.ts";
import { useVisit, useVisitState } from "./use-visit.ts";
import styles from "./lobby.module.css";

/** The door of a room where moderators let people in. Goes on by itself when they did. */
export function WaitingScreen() {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [, navigate] = useLocation();
  const { roomId } = useVisit();
  const room = useVisitState((state) => state.waitingFor);
  usePageTitle(room?.name);
  const withdraw = useMutation({
    mutationFn: () => parley.api.room.withdraw.mutate({ roomId }),
    // Who was let in or refused just now doesn't wait either.
    onSettled: () => navigate("/rooms"),
  });
  return (
    <div className={styles.page}>
      <PageHeader />
      <main className={styles.lobby} data-testid="waiting">
        <Loader type="dots" size="lg" aria-hidden />
        <Title order={1} size="h2">
          {room
            ? t("door.waitingTitle", { name: isolated(room.name) })
            : t("door.waitingTitleUnknown")}
        </Title>
        {room && room.description !== "" && (
          <p className={styles.text} dir="auto">
            {room.description}
          </p>
        )}
        <output className={styles.text}>{t("door.waitingText")}</output>
        <Button
          data-testid="withdraw"
          variant="default"
          loading={withdraw.isPending}
          onClick={() => withdraw.mutate()}
        >
          {t("door.withdraw")}
        </Button>
      </main>
    </div>
  );
}
