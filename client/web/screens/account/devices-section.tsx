import { Badge, Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { deviceName } from "./device-name.ts";
import { Section } from "./section.tsx";
import styles from "./devices-section.module.css";

const sessionsKey = ["account", "sessions"];

/** Where one is signed in, and a way to end it there. */
export function DevicesSection() {
  const { t, i18n } = useTranslation();
  const { parley } = useServices();
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: sessionsKey,
    queryFn: ({ signal }) => parley.api.account.sessions.query(undefined, { signal }),
  });
  const revoke = useMutation({
    mutationFn: (sessionId: string) => parley.api.account.revokeSession.mutate({ sessionId }),
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsKey }),
  });
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  const error = sessions.error ?? revoke.error;
  return (
    <Section title={t("account.devices")} description={t("account.devicesText")}>
      {error && <Message>{errorSentence(t, error)}</Message>}
      {!sessions.data && !sessions.error && <Skeleton height={48} />}
      <ul className={styles.list} data-testid="sessions">
        {sessions.data?.map((session) => (
          <li key={session.id} className={styles.session}>
            <div className={styles.text}>
              <span>
                {session.device === undefined
                  ? t("account.unknownDevice")
                  : deviceName(session.device)}{" "}
                {session.current && (
                  <Badge variant="light" tt="none">
                    {t("account.thisDevice")}
                  </Badge>
                )}
              </span>
              <span className={styles.seen}>
                {t("account.lastSeen", { time: time.format(new Date(session.lastSeenAt)) })}
              </span>
            </div>
            {!session.current && (
              <Button
                variant="default"
                size="compact-sm"
                loading={revoke.isPending && revoke.variables === session.id}
                onClick={() => revoke.mutate(session.id)}
              >
                {t("rooms.signOut")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
