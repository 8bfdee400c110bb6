import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import styles from "./rooms-screen.module.css";

export function CreateRoom({ onCreated }: { onCreated: (roomId: string) => void }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => parley.api.room.create.mutate({ name }),
    onSuccess: (room) => onCreated(room.id),
  });
  return (
    <form
      className={styles.create}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <div className={styles.createLine}>
        <TextInput
          data-testid="room-name"
          className={styles.createName}
          size="md"
          aria-label={t("rooms.newName")}
          placeholder={t("rooms.newNamePlaceholder")}
          autoComplete="off"
          dir="auto"
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
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
    </form>
  );
}
