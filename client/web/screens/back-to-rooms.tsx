import { ActionIcon } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import styles from "./back-to-rooms.module.css";

export function BackToRooms() {
  const { t } = useTranslation();
  return (
    <ActionIcon
      component={Link}
      href="/rooms"
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={t("room.back")}
      title={t("room.back")}
    >
      <IconArrowLeft size={20} stroke={1.7} className={styles.arrow} aria-hidden />
    </ActionIcon>
  );
}
