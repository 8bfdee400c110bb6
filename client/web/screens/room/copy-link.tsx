import { Button, CopyButton, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./invite-dialog.module.css";

type Props = { link: string; label: string; testId?: string };

/** A link to be seen, and to be copied. */
export function CopyLink({ link, label, testId }: Props) {
  const { t } = useTranslation();
  return (
    <div className={styles.link}>
      <TextInput
        data-testid={testId}
        className={styles.address}
        aria-label={t("invite.link")}
        readOnly
        value={link}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton value={link} timeout={2500}>
        {({ copied, copy }) => (
          <Button
            variant={testId === undefined ? "default" : "filled"}
            leftSection={
              copied ? <IconCheck size={17} aria-hidden /> : <IconCopy size={17} aria-hidden />
            }
            onClick={copy}
          >
            <span aria-live="polite">{copied ? t("room.linkCopied") : label}</span>
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
