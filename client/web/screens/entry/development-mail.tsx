import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useServices } from "../../services.ts";
import { useProviders } from "./providers.tsx";
import styles from "./development-mail.module.css";

/** The newest letter to somebody from a server under development, which shows it instead of sending it. */
export function DevelopmentMail({ to }: { to: string }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const providers = useProviders();
  const { data: letters } = useQuery({
    queryKey: ["account", "development-mail"],
    queryFn: () => parley.api.account.developmentMail.query(),
    enabled: providers?.mail === "shown",
    gcTime: 0,
    refetchInterval: 2000,
  });
  const letter = letters?.find((one) => one.to === to.trim().toLowerCase());
  if (!letter) return null;
  return (
    <aside className={styles.letter} data-testid="development-mail">
      <p className={styles.explanation}>{t("entry.developmentMail", { to: letter.to })}</p>
      <strong dir="auto">{letter.subject}</strong>
      <p className={styles.text} dir="auto">
        <Linked text={letter.text} />
      </p>
    </aside>
  );
}

/** Text in which links into this app can be followed, under whatever name the page was opened. */
function Linked({ text }: { text: string }) {
  return text.split(/(https?:\/\/\S+)/u).map((part) => {
    const url = URL.parse(part);
    return url ? (
      <Anchor key={part} inherit href={`${url.pathname}${url.search}`}>
        {part}
      </Anchor>
    ) : (
      part
    );
  });
}
