import { Button, Modal, Switch, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { RoomDetail } from "../../../../shared/room.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { closeOnOwnEscape } from "../../ui/close-on-own-escape.ts";
import { Message } from "../../ui/message.tsx";
import { Question } from "../../ui/question.tsx";
import { GlossaryEditor } from "../rooms/glossary-editor.tsx";
import {
  isGlossaryComplete,
  roomDraft,
  type RoomDraft,
  toUpdateInput,
} from "../rooms/room-draft.ts";
import { RoomFields } from "../rooms/room-fields.tsx";
import { useMay } from "./use-own-part.ts";
import styles from "./room-settings-dialog.module.css";

type Props = { room: RoomDetail; isOpen: boolean; onClose: () => void };

/** All that can be changed of a room. */
export function RoomSettingsDialog({ room, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const isNarrow = useMediaQuery("(max-width: 36em)");
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      {...closeOnOwnEscape(onClose)}
      title={t("roomSettings.title")}
      closeButtonProps={{ "aria-label": t("failure.dismiss") }}
      fullScreen={isNarrow}
      size="lg"
      classNames={{ content: styles.content }}
    >
      <SettingsForm room={room} onClose={onClose} />
    </Modal>
  );
}

function SettingsForm({ room, onClose }: Omit<Props, "isOpen">) {
  const { t } = useTranslation();
  const { parley } = useServices();
  // As the room was when the form was opened: only what was typed here is sent.
  const [before] = useState(() => roomDraft(room));
  const [draft, setDraft] = useState(before);
  const change = (part: Partial<RoomDraft>) => setDraft((current) => ({ ...current, ...part }));
  const save = useMutation({
    mutationFn: () => parley.api.room.update.mutate(toUpdateInput(room.id, before, draft)),
    onSuccess: onClose,
  });
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <TextInput
        data-testid="settings-name"
        label={t("roomSettings.name")}
        autoComplete="off"
        dir="auto"
        maxLength={64}
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <RoomFields draft={draft} onChange={change} hasPassword={room.hasPassword} />
      <Switch
        data-testid="room-locked"
        label={t("roomSettings.locked")}
        description={t("roomSettings.lockedHelp")}
        checked={draft.locked}
        onChange={(event) => change({ locked: event.currentTarget.checked })}
      />
      <GlossaryEditor pairs={draft.glossary} onChange={(glossary) => change({ glossary })} />
      {save.error && <Message>{errorSentence(t, save.error)}</Message>}
      <div className={styles.end}>
        <RemoveRoom room={room} />
        <span className={styles.space} />
        <Button variant="default" onClick={onClose}>
          {t("roomSettings.cancel")}
        </Button>
        <Button
          data-testid="save-settings"
          type="submit"
          loading={save.isPending}
          disabled={draft.name.trim() === "" || !isGlossaryComplete(draft.glossary)}
        >
          {t("roomSettings.save")}
        </Button>
      </div>
    </form>
  );
}

function RemoveRoom({ room }: { room: RoomDetail }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [, navigate] = useLocation();
  const [isAsking, setAsking] = useState(false);
  const mayRemove = useMay("room.remove");
  const remove = useMutation({
    mutationFn: () => parley.api.room.remove.mutate({ roomId: room.id }),
    onSuccess: () => navigate("/rooms"),
  });
  if (!mayRemove) return null;
  return (
    <>
      <Button data-testid="remove-room" variant="light" color="red" onClick={() => setAsking(true)}>
        {t("roomSettings.remove")}
      </Button>
      <Question
        title={t("roomSettings.removeQuestion")}
        text={t("roomSettings.removeText")}
        isOpen={isAsking}
        isPending={remove.isPending}
        fault={remove.error ? errorSentence(t, remove.error) : undefined}
        yes={t("roomSettings.removeForGood")}
        no={t("roomSettings.keep")}
        dismiss={t("failure.dismiss")}
        onYes={() => remove.mutate()}
        onNo={() => setAsking(false)}
      />
    </>
  );
}
