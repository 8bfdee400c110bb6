import { Button, Group, Modal, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../../../shared/account.ts";
import { useRemoveAccount } from "../../account.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { Section } from "./section.tsx";

/** Erases everything, after a question that can't be answered by mistake. */
export function RemovalSection({ account }: { account: OwnAccount }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  const remove = useRemoveAccount();
  return (
    <Section title={t("account.remove")} description={t("account.removeText")}>
      <Button
        data-testid="remove-account"
        variant="light"
        color="red"
        onClick={() => setAsking(true)}
      >
        {t("account.remove")}
      </Button>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={t("account.removeQuestion")}
        closeButtonProps={{ "aria-label": t("failure.dismiss") }}
        centered
      >
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            remove.mutate(account.hasPassword ? { password } : undefined);
          }}
        >
          <p>{t("account.removeText")}</p>
          {account.hasPassword && (
            <PasswordInput
              data-testid="removal-password"
              label={t("entry.password")}
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          )}
          {remove.error && <Message>{errorSentence(t, remove.error)}</Message>}
          <Group justify="flex-end" mt="lg">
            <Button variant="default" onClick={() => setAsking(false)}>
              {t("account.keep")}
            </Button>
            <Button
              data-testid="confirm-removal"
              type="submit"
              color="red"
              loading={remove.isPending}
              disabled={account.hasPassword && password === ""}
            >
              {t("account.removeForGood")}
            </Button>
          </Group>
        </form>
      </Modal>
    </Section>
  );
}
