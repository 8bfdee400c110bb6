import { Button, NativeSelect, NumberInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconLink } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isAtLeast } from "../../../../shared/permission.ts";
import { ROOM_LIMITS, roomRoleSchema } from "../../../../shared/room.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { CopyLink } from "./copy-link.tsx";
import { useOwnRole } from "./use-own-part.ts";
import { useVisit } from "./use-visit.ts";
import styles from "./invite-dialog.module.css";

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const lifetimes = {
  hour: HOUR_SECONDS,
  day: DAY_SECONDS,
  week: 7 * DAY_SECONDS,
  month: 30 * DAY_SECONDS,
  year: ROOM_LIMITS.inviteSeconds,
};
const lifetimeNames = ["hour", "day", "week", "month", "year"] as const;
const inviteRoles = roomRoleSchema.exclude(["owner"]);

/** Makes an invitation. Its link is shown here, and never again. */
export function InviteForm() {
  const { t } = useTranslation();
  const { parley } = useServices();
  const { roomId } = useVisit();
  const own = useOwnRole();
  const [lifetime, setLifetime] = useState<keyof typeof lifetimes>("week");
  const [uses, setUses] = useState<number>();
  const [role, setRole] = useState<(typeof inviteRoles.options)[number]>("member");
  const create = useMutation({
    mutationFn: () =>
      parley.api.room.createInvite.mutate({
        roomId,
        role,
        expiresInSeconds: lifetimes[lifetime],
        ...(uses !== undefined && { uses }),
      }),
  });
  return (
    <form
      className={styles.part}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      {create.data && (
        <div className={styles.part}>
          <CopyLink
            testId="invite-link"
            link={`${location.origin}/invite/${create.data.code}`}
            label={t("room.copyLink")}
          />
          <output className={styles.hint}>{t("invite.shownOnce")}</output>
        </div>
      )}
      <div className={styles.choices}>
        <NativeSelect
          data-testid="invite-lifetime"
          label={t("invite.expires")}
          data={lifetimeNames.map((value) => ({ value, label: t(`invite.lifetimes.${value}`) }))}
          value={lifetime}
          onChange={(event) => {
            const chosen = lifetimeNames.find((name) => name === event.currentTarget.value);
            if (chosen) setLifetime(chosen);
          }}
        />
        <NumberInput
          data-testid="invite-uses"
          label={t("invite.uses")}
          placeholder={t("invite.usesHelp")}
          min={1}
          max={ROOM_LIMITS.inviteUses}
          clampBehavior="strict"
          allowDecimal={false}
          hideControls
          value={uses ?? ""}
          onChange={(value) => setUses(typeof value === "number" ? value : undefined)}
        />
        <NativeSelect
          data-testid="invite-role"
          label={t("invite.role")}
          data={inviteRoles.options
            .filter((value) => own !== undefined && !isAtLeast(value, own))
            .map((value) => ({ value, label: t(`members.roles.${value}`) }))}
          value={role}
          onChange={(event) => setRole(inviteRoles.parse(event.currentTarget.value))}
        />
      </div>
      {create.error && <Message>{errorSentence(t, create.error)}</Message>}
      <Button
        data-testid="create-invite"
        type="submit"
        className={styles.create}
        variant={create.data ? "default" : "filled"}
        loading={create.isPending}
        leftSection={<IconLink size={17} aria-hidden />}
      >
        {create.data ? t("invite.another") : t("invite.create")}
      </Button>
    </form>
  );
}
