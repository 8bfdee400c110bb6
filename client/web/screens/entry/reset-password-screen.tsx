import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearch } from "wouter";
import { PASSWORD_CHARACTERS } from "../../../../shared/account.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { EntryLink } from "./entry-link.tsx";
import { EntryPage } from "./entry-page.tsx";
import styles from "./entry-page.module.css";

/** Where the link in the mail leads. */
export function ResetPasswordScreen() {
  const { t } = useTranslation();
  const { parley } = useServices();
  const token = new URLSearchParams(useSearch()).get("token") ?? "";
  const [password, setPassword] = useState("");
  const reset = useMutation({
    mutationFn: () => parley.api.account.resetPassword.mutate({ token, password }),
  });
  const footer = (
    <div className={styles.links}>
      <EntryLink to="/sign-in">{t("entry.toSignIn")}</EntryLink>
      <EntryLink to="/forgot-password">{t("entry.forgotAgain")}</EntryLink>
    </div>
  );
  if (reset.isSuccess) {
    return (
      <EntryPage title={t("entry.resetTitle")} footer={footer}>
        <Message kind="information" testId="password-reset">
          {t("entry.resetDone")}
        </Message>
      </EntryPage>
    );
  }
  if (token === "") {
    // Programs that show mail may cut a link off.
    return (
      <EntryPage title={t("entry.resetTitle")} footer={footer}>
        <Message>{t("errors.LINK_INVALID")}</Message>
      </EntryPage>
    );
  }
  return (
    <EntryPage title={t("entry.resetTitle")} onSubmit={() => reset.mutate()} footer={footer}>
      <PasswordInput
        data-testid="password-input"
        size="md"
        label={t("entry.newPassword")}
        description={t("entry.passwordHelp", { least: PASSWORD_CHARACTERS.least })}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {reset.error && <Message>{errorSentence(t, reset.error)}</Message>}
      <Button
        data-testid="reset-password"
        type="submit"
        size="md"
        loading={reset.isPending}
        disabled={password === ""}
      >
        {t("entry.reset")}
      </Button>
    </EntryPage>
  );
}
