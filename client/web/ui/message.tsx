import { Button, CloseButton } from "@mantine/core";
import { IconAlertCircle, IconInfoCircle } from "@tabler/icons-react";
import styles from "./message.module.css";

type Props = {
  children: React.ReactNode;
  /** A fault is announced at once, information when there is a pause. */
  kind?: "fault" | "information";
  action?: { label: string; run: () => void };
  dismiss?: { label: string; run: () => void };
  testId?: string;
};

/** A sentence about something that happened, in place. */
export function Message({ children, kind = "fault", action, dismiss, testId }: Props) {
  const Icon = kind === "fault" ? IconAlertCircle : IconInfoCircle;
  return (
    <div
      className={styles.message}
      role={kind === "fault" ? "alert" : "status"}
      data-kind={kind}
      data-testid={testId}
    >
      <Icon className={styles.icon} size={20} stroke={1.8} aria-hidden />
      <div className={styles.text}>{children}</div>
      {action && (
        <Button size="compact-sm" variant="light" onClick={action.run}>
          {action.label}
        </Button>
      )}
      {dismiss && <CloseButton aria-label={dismiss.label} size="sm" onClick={dismiss.run} />}
    </div>
  );
}
