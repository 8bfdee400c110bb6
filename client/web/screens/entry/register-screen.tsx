import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, useSearch } from "wouter";
import { type Account, PASSWORD_CHARACTERS } from "../../../../shared/account.ts";
import { useRegister } from "../../account.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { EntryLink } from "./entry-link.tsx";
import { EntryPage } from "./entry-page.tsx";
import { PersonFields, usePerson } from "./person-fields.tsx";
import { nextAddress } from "./next-address.ts";
import { GoogleButton } from "./providers.tsx";
import styles from "./entry-page.module.css";

/** An account of one's own. A guest is led to the account page instead, and keeps what is theirs. */
export function RegisterScreen({ account }: { account: Account | null }) {
  const { t } = useTranslation();
  const search = useSearch();
  const register = useRegister();
  const person = usePerson();
  const { name, language } = person;
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  if (account) return <Redirect to={account.guest ? "/account" : nextAddress(search)} replace />;
  return (
    <EntryPage
      title={t("entry.registerTitle")}
      onSubmit={() => {
        person.remember();
        register.mutate({ name, language, email, password });
      }}
      footer={
        <div className={styles.links}>
          <EntryLink to="/sign-in">{t("entry.toSignIn")}</EntryLink>
          <EntryLink to="/">{t("entry.asGuest")}</EntryLink>
        </div>
      }
    >
      <PersonFields person={person} />
      <TextInput
        data-testid="email-input"
        size="md"
        type="email"
        label={t("entry.email")}
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        data-testid="password-input"
        size="md"
        label={t("entry.password")}
        description={t("entry.passwordHelp", { least: PASSWORD_CHARACTERS.least })}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {register.error && <Message>{errorSentence(t, register.error)}</Message>}
      <Button
        data-testid="register"
        type="submit"
        size="md"
        loading={register.isPending}
        disabled={[name, email, password].some((text) => text.trim() === "")}
      >
        {t("entry.register")}
      </Button>
      <GoogleButton />
    </EntryPage>
  );
}
