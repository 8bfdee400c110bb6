import { Button } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Redirect, useSearch } from "wouter";
import type { Account } from "../../../../shared/account.ts";
import { useSignIn } from "../../account.ts";
import { hasSessionEnded } from "../../queries.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { EntryLink } from "./entry-link.tsx";
import { EntryPage } from "./entry-page.tsx";
import { PersonFields, usePerson } from "./person-fields.tsx";
import { leadsToRoom, nextAddress } from "./next-address.ts";
import styles from "./entry-page.module.css";

/** Who are you, and what do you speak? That is all one needs to come in. */
export function EntryScreen({ account }: { account: Account | null }) {
  const { t } = useTranslation();
  const next = nextAddress(useSearch());
  const signIn = useSignIn();
  const isEnded = hasSessionEnded(useQueryClient());
  const person = usePerson();
  const { name, language } = person;

  if (account) return <Redirect to={next} replace />;

  const enter = () => {
    person.remember();
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
      <PersonFields person={person} languageHelp={t("entry.languageHelp")} />
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
