import { Badge, Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../../../shared/account.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { DevelopmentMail } from "../entry/development-mail.tsx";
import { Section } from "./section.tsx";

/** The address, and whether its owner has shown that it is theirs. */
export function EmailSection({ account }: { account: OwnAccount }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const send = useMutation({
    mutationFn: () => parley.api.account.sendVerification.mutate(),
  });
  return (
    <Section title={t("entry.email")}>
      <div>
        <span data-testid="account-email">{account.email}</span>{" "}
        <Badge variant="light" tt="none" color={account.emailVerified ? "green.9" : undefined}>
          {account.emailVerified ? t("account.verified") : t("account.unverified")}
        </Badge>
      </div>
      {!account.emailVerified && <Text size="sm">{t("account.unverifiedHelp")}</Text>}
      {send.error && <Message>{errorSentence(t, send.error)}</Message>}
      {send.isSuccess && <Message kind="information">{t("account.verificationSent")}</Message>}
      {!account.emailVerified && (
        <Button
          data-testid="send-verification"
          variant="default"
          loading={send.isPending}
          onClick={() => send.mutate()}
        >
          {t("account.sendVerification")}
        </Button>
      )}
      {send.isSuccess && <DevelopmentMail to={account.email ?? ""} />}
    </Section>
  );
}
