import { Button, TextInput } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, useSearch } from "wouter";
import { type Account } from "../../../../shared/account.ts";
import { useSignIn } from "../../account.ts";
import { preferredLanguage } from "../../language/language-options.ts";
import { LanguageSelect } from "../../language/language-select.tsx";
import { useLanguageOptions } from "../../language/use-language-options.ts";
import { hasSessionEnded } from "../../queries.ts";
import { usePreferences } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { EntryLink } from "./entry-link.tsx";
import { EntryPage } from "./entry-page.tsx";
import { leadsToRoom, nextAddress } from "./next-address.ts";
import styles from "./entry-page.module.css";

/** Who are you, and what do you speak? That is all one needs to come in. */
export function EntryScreen({ account }: { account: Account | null }) {
  const { t } = useTranslation();
  const next = nextAddress(useSearch());
  const [preferences, change] = usePreferences();
  const options = useLanguageOptions();
  const signIn = useSignIn();
  const isEnded = hasSessionEnded(useQueryClient());
  const [name, setName] = useState(preferences.name ?? "");
  const [language, setLanguage] = useState(
    () => preferences.language ?? preferredLanguage(navigator.languages, options),
  );

  if (account) return <Redirect to={next} replace />;

  const enter = () => {
    change({ name, language });
    signIn.mutate({ name, language });
  };

  return (
    <EntryPage
      title={t("entry.title")}
      onSubmit={enter}
      footer={
        <>
          <p>{t("entry.noAccount")}</p>
          <div className={styles.links}>
            <EntryLink to="/sign-in">{t("entry.toSignIn")}</EntryLink>
            <EntryLink to="/register">{t("entry.toRegister")}</EntryLink>
          </div>
        </>
      }
    >
      {isEnded && <Message kind="information">{t("errors.NOT_SIGNED_IN")}</Message>}
      {leadsToRoom(next) && !isEnded && <p className={styles.note}>{t("entry.invited")}</p>}
      <TextInput
        data-testid="name-input"
        size="md"
        label={t("entry.name")}
        placeholder={t("entry.namePlaceholder")}
        autoComplete="nickname"
        dir="auto"
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <LanguageSelect
        data-testid="language-select"
        size="md"
        label={t("entry.language")}
        description={t("entry.languageHelp")}
        options={options}
        value={language}
        onChange={(tag) => {
          if (tag !== null) setLanguage(tag);
        }}
      />
      {signIn.error && <Message>{errorSentence(t, signIn.error)}</Message>}
      <Button
        data-testid="enter"
        type="submit"
        size="md"
        loading={signIn.isPending}
        rightSection={<IconArrowRight size={18} aria-hidden className={styles.arrow} />}
      >
        {t("entry.enter")}
      </Button>
    </EntryPage>
  );
}
