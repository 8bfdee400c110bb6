import { Button, CopyButton, Title } from "@mantine/core";
import { IconCheck, IconLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { BackToRooms } from "../back-to-rooms.tsx";
import { usePageTitle } from "../use-page-title.ts";
import { SchemeToggle } from "../../ui/scheme-toggle.tsx";
import { RoomMenu } from "./room-menu.tsx";
import { useMay } from "./use-own-part.ts";
import { useVisit, useVisitState } from "./use-visit.ts";
import styles from "./room-header.module.css";

export function RoomHeader() {
  const { t } = useTranslation();
  const visit = useVisit();
  const room = useVisitState((state) => state.room?.room);
  const mayInvite = useMay("room.createInvite");
  const isOpenToAll = room?.visibility === "public";
  usePageTitle(room?.name);
  return (
    <header className={styles.header}>
      <BackToRooms />
      <div className={styles.name}>
        <Title order={1} size="h4" className={styles.title}>
          <bdi title={room?.name}>{room?.name ?? " "}</bdi>
        </Title>
        <span className={styles.present}>
          {room ? t("rooms.present", { count: room.presentCount }) : " "}
        </span>
      </div>
      {isOpenToAll && !mayInvite && <CopyAddress roomId={visit.roomId} />}
      {room && <RoomMenu room={room} />}
      <SchemeToggle toLight={t("scheme.toLight")} toDark={t("scheme.toDark")} />
    </header>
  );
}

/** For who may not invite. Into a private room the address alone leads nobody. */
function CopyAddress({ roomId }: { roomId: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={`${location.origin}/rooms/${roomId}`} timeout={2500}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="sm"
          className={styles.copy}
          leftSection={
            copied ? <IconCheck size={17} aria-hidden /> : <IconLink size={17} aria-hidden />
          }
          onClick={copy}
          aria-label={t("room.copyLink")}
        >
          <span className={styles.copyText} aria-live="polite">
            {copied ? t("room.linkCopied") : t("room.copyLink")}
          </span>
        </Button>
      )}
    </CopyButton>
  );
}
