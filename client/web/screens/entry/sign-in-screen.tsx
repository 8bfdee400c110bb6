import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, useSearch } from "wouter";
import type { Account } from "../../../../shared/account.ts";
import { isReason } from "../../../../shared/reason.ts";
import { ParleyError } from "../../../sdk/index.ts";
import { useLogIn } from "../../account.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { EntryLink } from "./entry-link.tsx";
import { EntryPage } from "./entry-page.tsx";
import { nextAddress } from "./next-address.ts";
import { GoogleButton } from "./providers.tsx";
import styles from "./entry-page.module.css";

/** For those who have an account. */
export function SignInScreen({ account }: { account: Account | null }) {
  const { t } = useTranslation();
  const search = useSearch();
  const logIn = useLogIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  // Who comes back from another provider without being signed in is told why.
  const brought = new URLSearchParams(search).get("error");
  const error = logIn.error ?? (isReason(brought) ? new ParleyError(brought, brought) : null);

  if (account && !account.guest) return <Redirect to={nextAddress(search)} replace />;
  return (
    <EntryPage
      title={t("entry.signInTitle")}
      onSubmit={() => logIn.mutate({ email, password })}
      footer={
        <div className={styles.links}>
          <EntryLink to="/register">{t("entry.toRegister")}</EntryLink>
          <EntryLink to="/">{t("entry.asGuest")}</EntryLink>
        </div>
      }
    >
      <TextInput
        data-testid="email-input"
        size="md"
        type="email"
        label={t("entry.email")}
        autoComplete="username"
        required
        withAsterisk={false}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        data-testid="password-input"
        size="md"
        label={t("entry.password")}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {error && <Message>{errorSentence(t, error)}</Message>}
      <Button
        data-testid="sign-in"
        type="submit"
        size="md"
        loading={logIn.isPending}
        disabled={email.trim() === "" || password === ""}
      >
        {t("entry.signIn")}
      </Button>
      <GoogleButton />
      <div className={styles.links}>
        <EntryLink to="/forgot-password">{t("entry.forgot")}</EntryLink>
      </div>
    </EntryPage>
  );
}
