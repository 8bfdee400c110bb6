import { Button, Collapse, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { IconChevronDown, IconPlus } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { emptyRoomDraft, type RoomDraft, toCreateInput } from "./room-draft.ts";
import { RoomFields } from "./room-fields.tsx";
import styles from "./create-room.module.css";

/** A name is enough. Who wants more of a room says so before or later. */
export function CreateRoom({ onCreated }: { onCreated: (roomId: string) => void }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [draft, setDraft] = useState(emptyRoomDraft);
  const [isOpen, options] = useDisclosure(false);
  const optionsId = useId();
  const create = useMutation({
    mutationFn: () => parley.api.room.create.mutate(toCreateInput(draft)),
    onSuccess: (room) => onCreated(room.id),
  });
  const change = (part: Partial<RoomDraft>) => {
    // What was wrong may not be so any more.
    if (create.isError) create.reset();
    setDraft((before) => ({ ...before, ...part }));
  };
  return (
    <form
      className={styles.create}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <div className={styles.line}>
        <TextInput
          data-testid="room-name"
          className={styles.name}
          size="md"
          aria-label={t("rooms.newName")}
          placeholder={t("rooms.newNamePlaceholder")}
          autoComplete="off"
          dir="auto"
          maxLength={64}
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <Button
          data-testid="create-room"
          type="submit"
          size="md"
          loading={create.isPending}
          leftSection={<IconPlus size={18} aria-hidden />}
        >
          {t("rooms.create")}
        </Button>
      </div>
      {create.error && <Message>{errorSentence(t, create.error)}</Message>}
      <Button
        data-testid="more-options"
        variant="subtle"
        color="gray"
        size="compact-sm"
        className={styles.more}
        aria-expanded={isOpen}
        aria-controls={optionsId}
        rightSection={
          <IconChevronDown
            size={15}
            aria-hidden
            className={styles.chevron}
            data-open={isOpen || undefined}
          />
        }
        onClick={options.toggle}
      >
        {isOpen ? t("rooms.fewerOptions") : t("rooms.moreOptions")}
      </Button>
      <Collapse expanded={isOpen} id={optionsId} keepMounted={false}>
        <div className={styles.options}>
          <RoomFields draft={draft} onChange={change} />
          <Button type="submit" loading={create.isPending} className={styles.end}>
            {t("rooms.create")}
          </Button>
        </div>
      </Collapse>
    </form>
  );
}
