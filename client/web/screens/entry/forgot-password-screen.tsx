import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { DevelopmentMail } from "./development-mail.tsx";
import { EntryLink } from "./entry-link.tsx";
import { EntryPage } from "./entry-page.tsx";
import { useProviders } from "./providers.tsx";
import styles from "./entry-page.module.css";

/** Asks for a link by mail. It says the same for every address: who has an account is nobody's business. */
export function ForgotPasswordScreen() {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [email, setEmail] = useState("");
  const providers = useProviders();
  const request = useMutation({
    mutationFn: () => parley.api.account.requestPasswordReset.mutate({ email }),
  });
  return (
    <EntryPage
      title={t("entry.forgotTitle")}
      onSubmit={() => request.mutate()}
      footer={
        <div className={styles.links}>
          <EntryLink to="/sign-in">{t("entry.toSignIn")}</EntryLink>
        </div>
      }
    >
      <p className={styles.note}>{t("entry.forgotText")}</p>
      {providers?.mail === "unavailable" && (
        <Message kind="information">{t("errors.MAIL_UNAVAILABLE")}</Message>
      )}
      <TextInput
        data-testid="email-input"
        size="md"
        type="email"
        label={t("entry.email")}
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      {request.error && <Message>{errorSentence(t, request.error)}</Message>}
      {request.isSuccess && <Message kind="information">{t("entry.forgotSent")}</Message>}
      <Button
        data-testid="request-reset"
        type="submit"
        size="md"
        loading={request.isPending}
        disabled={email.trim() === ""}
      >
        {t("entry.forgotSend")}
      </Button>
      {request.isSuccess && <DevelopmentMail to={email} />}
    </EntryPage>
  );
}
