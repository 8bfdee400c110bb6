import { Button, VisuallyHidden } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconDoor } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RoomWaiting } from "../../../../shared/room.ts";
import { languageName } from "../../language/language-name.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import { useMay } from "./use-own-part.ts";
import { useRoomList } from "./use-room-list.ts";
import { useVisit } from "./use-visit.ts";
import styles from "./waiting-people.module.css";

/** Who waits at the door, for those who may let them in. Nothing where nobody does. */
export function WaitingPeople() {
  const { t } = useTranslation();
  const mayAdmit = useMay("room.lobby");
  const { items, error } = useRoomList<RoomWaiting>({
    name: "lobby",
    fetch: (api, input, signal) => api.room.lobby.query(input, { signal }),
    changedBy: ["waiting", "notWaiting"],
    isEnabled: mayAdmit,
  });
  const count = items?.length ?? 0;
  const sentence = count > 0 ? t("members.waiting", { count }) : "";
  return (
    <>
      <VisuallyHidden component="output">{sentence}</VisuallyHidden>
      {mayAdmit && (count > 0 || error) && (
        <section className={styles.waiting} data-testid="waiting-people" aria-label={sentence}>
          {count > 0 && (
            <span className={styles.title} aria-hidden>
              <IconDoor size={18} stroke={1.8} />
              {sentence}
            </span>
          )}
          {error && <Message>{errorSentence(t, error)}</Message>}
          <ul className={styles.list}>
            {items?.map((person) => (
              <Waiting key={person.accountId} person={person} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Waiting({ person }: { person: RoomWaiting }) {
  const { t, i18n } = useTranslation();
  const { parley } = useServices();
  const { roomId } = useVisit();
  const { accountId, name, language, avatarUrl } = person;
  const admit = useMutation({
    mutationFn: () => parley.api.room.admit.mutate({ roomId, accountId }),
  });
  const refuse = useMutation({
    mutationFn: () => parley.api.room.refuse.mutate({ roomId, accountId }),
  });
  const error = admit.error ?? refuse.error;
  const isPending = admit.isPending || refuse.isPending;
  return (
    <li className={styles.person} data-testid="waiting-person">
      <SpeakerAvatar name={name} colourKey={accountId} picture={avatarUrl} size={34} />
      <span className={styles.about}>
        <bdi className={styles.name}>{name}</bdi>
        <span className={styles.language}>
          {t("room.speaks", { language: languageName(language, i18n.language) })}
        </span>
      </span>
      <Button
        data-testid="admit"
        size="compact-sm"
        disabled={isPending}
        aria-label={t("members.admitName", { name })}
        onClick={() => admit.mutate()}
      >
        {t("members.admit")}
      </Button>
      <Button
        data-testid="refuse"
        size="compact-sm"
        variant="default"
        disabled={isPending}
        aria-label={t("members.refuseName", { name })}
        onClick={() => refuse.mutate()}
      >
        {t("members.refuse")}
      </Button>
      {error && <Message>{errorSentence(t, error)}</Message>}
    </li>
  );
}
