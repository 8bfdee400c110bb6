import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PASSWORD_CHARACTERS } from "../../../../shared/account.ts";
import { useAccountChange } from "../../account.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { Section } from "./section.tsx";

/** A guest becomes an account, and keeps their rooms and messages. */
export function UpgradeSection() {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const upgrade = useAccountChange(() => parley.upgrade({ email, password }));
  return (
    <Section
      title={t("account.upgrade")}
      description={t("account.upgradeText")}
      onSubmit={() => upgrade.mutate()}
    >
      <TextInput
        data-testid="email-input"
        type="email"
        label={t("entry.email")}
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        data-testid="password-input"
        label={t("entry.password")}
        description={t("entry.passwordHelp", { least: PASSWORD_CHARACTERS.least })}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {upgrade.error && <Message>{errorSentence(t, upgrade.error)}</Message>}
      <Button
        data-testid="upgrade"
        type="submit"
        loading={upgrade.isPending}
        disabled={email.trim() === "" || password === ""}
      >
        {t("entry.register")}
      </Button>
    </Section>
  );
}
