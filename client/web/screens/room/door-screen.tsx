import { Button, PasswordInput } from "@mantine/core";
import { IconDoor, IconLock, IconMapOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ParleyErrorReason } from "../../../sdk/index.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { Failure, FailureScreen, ToRooms } from "../failure/failure-screen.tsx";
import { useVisit, useVisitState } from "./use-visit.ts";
import styles from "./door-screen.module.css";

/** Why the room can't be entered, and what may open it all the same. */
export function DoorScreen() {
  const { t } = useTranslation();
  const visit = useVisit();
  const refusal = useVisitState((state) => state.refusal);
  const [isTried, setTried] = useState(false);
  const retry = () => void visit.open();

  const reason = refusal?.reason;
  const asks = reason === "ROOM_NOT_FOUND" || reason === "ROOM_PASSWORD_WRONG";
  if (asks || isTried) {
    // A private room answers as one that isn't there, with a wrong password as without any.
    const isThere = reason === "ROOM_PASSWORD_WRONG";
    const sentence =
      reason === "ROOM_NOT_FOUND" ? t("door.notOpened") : refusal && errorSentence(t, refusal);
    const fault = isTried ? sentence : undefined;
    return (
      <Failure
        icon={
          isThere ? (
            <IconLock size={40} stroke={1.4} aria-hidden />
          ) : (
            <IconMapOff size={40} stroke={1.4} aria-hidden />
          )
        }
        title={isThere ? t("door.passwordTitle") : t("door.privateTitle")}
        text={isThere ? t("door.passwordText") : t("errors.ROOM_NOT_FOUND")}
      >
        <div className={styles.way}>
          <PasswordForm
            hint={isThere ? undefined : t("door.privateText")}
            fault={fault}
            onTry={async (password) => {
              await visit.open({ password });
              setTried(true);
            }}
          />
          <ToRooms />
        </div>
      </Failure>
    );
  }

  const words = doorWords(reason);
  if (!words) return <FailureScreen error={refusal} retry={retry} />;
  return (
    <Failure
      icon={<IconDoor size={40} stroke={1.4} aria-hidden />}
      title={t(words.title)}
      text={words.text ? t(words.text) : errorSentence(t, refusal)}
    >
      {reason !== "INVITE_INVALID" && <Button onClick={retry}>{t("failure.again")}</Button>}
      <ToRooms />
    </Failure>
  );
}

/** Without a text, the error's sentence says the rest. */
function doorWords(reason: ParleyErrorReason | undefined) {
  switch (reason) {
    case "ROOM_FULL":
      return { title: "door.full", text: "door.fullText" } as const;
    case "ROOM_LOCKED":
      return { title: "door.locked", text: "door.lockedText" } as const;
    case "REMOVED_FROM_ROOM":
      return { title: "door.refused", text: undefined } as const;
    case "INVITE_INVALID":
      return { title: "invite.deadTitle", text: undefined } as const;
    default:
      return undefined;
  }
}

type FormProps = {
  hint: string | undefined;
  fault: string | undefined;
  onTry: (password: string) => Promise<void>;
};

function PasswordForm({ hint, fault, onTry }: FormProps) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [isTrying, setTrying] = useState(false);
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTrying(true);
        void onTry(password).finally(() => setTrying(false));
      }}
    >
      <PasswordInput
        data-testid="room-password"
        size="md"
        label={t("door.password")}
        description={hint}
        autoComplete="off"
        maxLength={256}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {fault !== undefined && !isTrying && <Message>{fault}</Message>}
      <Button
        data-testid="try-password"
        type="submit"
        size="md"
        loading={isTrying}
        disabled={password === ""}
      >
        {t("door.enter")}
      </Button>
    </form>
  );
}
