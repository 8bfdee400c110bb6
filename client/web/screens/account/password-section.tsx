import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type OwnAccount, PASSWORD_CHARACTERS } from "../../../../shared/account.ts";
import { useAccountChange } from "../../account.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { Section } from "./section.tsx";

export function PasswordSection({ account }: { account: OwnAccount }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [currentPassword, setCurrent] = useState("");
  const [newPassword, setNew] = useState("");
  const change = useAccountChange(async () => {
    const current = account.hasPassword ? { currentPassword } : {};
    const changed = await parley.changePassword({ ...current, newPassword });
    setCurrent("");
    setNew("");
    return changed;
  });
  return (
    <Section
      title={t("entry.password")}
      description={t("account.passwordText")}
      onSubmit={() => change.mutate()}
    >
      {account.hasPassword && (
        <PasswordInput
          data-testid="current-password"
          label={t("account.currentPassword")}
          autoComplete="current-password"
          value={currentPassword}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
      )}
      <PasswordInput
        data-testid="new-password"
        label={t("entry.newPassword")}
        description={t("entry.passwordHelp", { least: PASSWORD_CHARACTERS.least })}
        autoComplete="new-password"
        value={newPassword}
        onChange={(event) => setNew(event.currentTarget.value)}
      />
      {change.error && <Message>{errorSentence(t, change.error)}</Message>}
      {change.isSuccess && <Message kind="information">{t("account.passwordChanged")}</Message>}
      <Button
        data-testid="change-password"
        type="submit"
        variant="default"
        loading={change.isPending}
        disabled={newPassword === "" || (account.hasPassword && currentPassword === "")}
      >
        {t("account.changePassword")}
      </Button>
    </Section>
  );
}
