import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearch } from "wouter";
import { accountKey } from "../../queries.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { EntryLink } from "./entry-link.tsx";
import { EntryPage } from "./entry-page.tsx";
import styles from "./entry-page.module.css";

/** Where the link in the mail leads. It takes a press: programs that look at mail follow its links. */
export function VerifyEmailScreen() {
  const { t } = useTranslation();
  const { parley } = useServices();
  const queries = useQueryClient();
  const token = new URLSearchParams(useSearch()).get("token") ?? "";
  const verify = useMutation({
    mutationFn: () => parley.api.account.verifyEmail.mutate({ token }),
    onSuccess: () => queries.invalidateQueries({ queryKey: accountKey }),
  });
  return (
    <EntryPage
      title={t("entry.verifyTitle")}
      footer={
        <div className={styles.links}>
          <EntryLink to="/rooms">{t("room.back")}</EntryLink>
        </div>
      }
    >
      {verify.error && <Message>{errorSentence(t, verify.error)}</Message>}
      {token === "" && <Message>{t("errors.LINK_INVALID")}</Message>}
      {verify.isSuccess ? (
        <Message kind="information" testId="email-verified">
          {t("entry.verified")}
        </Message>
      ) : (
        <Button
          data-testid="verify-email"
          size="md"
          loading={verify.isPending}
          disabled={token === ""}
          onClick={() => verify.mutate()}
        >
          {t("entry.verify")}
        </Button>
      )}
    </EntryPage>
  );
}
