import { Button, Skeleton, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { RoomInvite } from "../../../../shared/room.ts";
import { useServices } from "../../services.ts";
import { isolated } from "../../language/isolated.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { useMay } from "./use-own-part.ts";
import { useRoomList } from "./use-room-list.ts";
import { useVisit } from "./use-visit.ts";
import styles from "./invite-dialog.module.css";

/** The invitations that open this room, and a way to end each. */
export function InviteList() {
  const { t, i18n } = useTranslation();
  const { parley } = useServices();
  const { roomId } = useVisit();
  const invites = useRoomList<RoomInvite>({
    name: "invites",
    fetch: (api, input, signal) => api.room.invites.query(input, { signal }),
    // Somebody who joins may have come by one.
    changedBy: ["invited", "inviteRevoked", "joined"],
    isEnabled: useMay("room.invites"),
  });
  const revoke = useMutation({
    mutationFn: (inviteId: string) => parley.api.room.revokeInvite.mutate({ roomId, inviteId }),
  });
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  const error = invites.error ?? revoke.error;
  return (
    <section className={styles.part} aria-labelledby="invitations">
      <Title order={3} size="h5" id="invitations">
        {t("invite.existing")}
      </Title>
      {error && <Message>{errorSentence(t, error)}</Message>}
      {!invites.items && !invites.error && <Skeleton height={44} />}
      {invites.items?.length === 0 && <p className={styles.text}>{t("invite.none")}</p>}
      <ul className={styles.list} data-testid="invites">
        {invites.items?.map(({ id, role, expiresAt, usesLeft, createdBy }) => (
          <li key={id} className={styles.invite}>
            <span className={styles.about}>
              <span>
                {t(`members.roles.${role}`)} · {t("invite.by", { name: isolated(createdBy.name) })}
              </span>
              <span className={styles.hint}>
                {t("invite.until", { time: time.format(new Date(expiresAt)) })}
                {usesLeft !== undefined && `, ${t("invite.usesLeft", { count: usesLeft })}`}
              </span>
            </span>
            <Button
              data-testid="revoke-invite"
              variant="default"
              size="compact-sm"
              loading={revoke.isPending && revoke.variables === id}
              onClick={() => revoke.mutate(id)}
            >
              {t("invite.revoke")}
            </Button>
          </li>
        ))}
      </ul>
      {invites.more && (
        <Button variant="default" loading={invites.isLoadingMore} onClick={invites.more}>
          {t("rooms.more")}
        </Button>
      )}
    </section>
  );
}
