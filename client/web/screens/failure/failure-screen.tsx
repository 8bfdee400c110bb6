import { Button, Title } from "@mantine/core";
import { IconCloudOff, IconMapOff, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { errorSentence } from "../../text/error-sentence.ts";
import { usePageTitle } from "../use-page-title.ts";
import styles from "./failure-screen.module.css";

/** Something that the whole page needs could not be had. */
export function FailureScreen({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Failure
      icon={<IconPlugConnectedX size={40} stroke={1.4} aria-hidden />}
      title={t("failure.title")}
      text={errorSentence(t, error)}
    >
      {retry && <Button onClick={retry}>{t("failure.again")}</Button>}
      <ToRooms />
    </Failure>
  );
}

export function NotFoundScreen() {
  const { t } = useTranslation();
  return (
    <Failure
      icon={<IconMapOff size={40} stroke={1.4} aria-hidden />}
      title={t("failure.notFoundTitle")}
      text={t("failure.notFound")}
    >
      <ToRooms />
    </Failure>
  );
}

/** The page itself has a fault. */
export function BrokenScreen() {
  const { t } = useTranslation();
  return (
    <Failure
      icon={<IconCloudOff size={40} stroke={1.4} aria-hidden />}
      title={t("failure.title")}
      text={t("failure.boundary")}
    >
      <Button onClick={() => location.reload()}>{t("failure.reload")}</Button>
    </Failure>
  );
}

export function ToRooms() {
  const { t } = useTranslation();
  return (
    <Button variant="default" component={Link} href="/rooms">
      {t("room.back")}
    </Button>
  );
}

type FailureProps = {
  icon: React.ReactNode;
  title: string;
  text: string;
  children: React.ReactNode;
  testId?: string;
};

/** A page that says why there is nothing else to see, with ways on. */
export function Failure({ icon, title, text, children, testId }: FailureProps) {
  usePageTitle(title);
  return (
    <main className={styles.failure} data-testid={testId}>
      <span className={styles.icon}>{icon}</span>
      <Title order={1} size="h2" dir="auto">
        {title}
      </Title>
      <p className={styles.text} role="alert">
        {text}
      </p>
      <div className={styles.actions}>{children}</div>
    </main>
  );
}
