import { Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { CopyLink } from "./copy-link.tsx";
import { InviteForm } from "./invite-form.tsx";
import { InviteList } from "./invite-list.tsx";
import { useVisit, useVisitState } from "./use-visit.ts";
import styles from "./invite-dialog.module.css";

type Props = { isOpen: boolean; onClose: () => void };

/** Ways to bring others here. */
export function InviteDialog({ isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const { roomId } = useVisit();
  const isPublic = useVisitState((state) => state.room?.room.visibility === "public");
  const isNarrow = useMediaQuery("(max-width: 36em)");
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t("invite.title")}
      closeButtonProps={{ "aria-label": t("failure.dismiss") }}
      fullScreen={isNarrow}
      size="lg"
    >
      <div className={styles.dialog}>
        {isPublic && (
          <div className={styles.part}>
            <p className={styles.text}>{t("invite.publicText")}</p>
            <CopyLink link={`${location.origin}/rooms/${roomId}`} label={t("room.copyLink")} />
          </div>
        )}
        <div className={styles.part}>
          <p className={styles.text}>{t("invite.text")}</p>
          <InviteForm />
        </div>
        <InviteList />
      </div>
    </Modal>
  );
}
