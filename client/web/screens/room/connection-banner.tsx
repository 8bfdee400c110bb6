import { IconPlugConnected, IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../../services.ts";
import { useVisitState } from "./use-visit.ts";
import styles from "./connection-banner.module.css";

/** How long the good news stays. */
const BACK_SHOWN_MS = 4000;

/** Says that the connection is lost, and that it is back. Says nothing while all is well. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const { connection } = useServices().parley;
  const isSocketLost = useSyncExternalStore(
    (listener) => connection.on("state", listener),
    () => connection.state === "reconnecting",
  );
  const isCallLost = useVisitState((state) => state.call === "reconnecting");
  const isLost = isSocketLost || isCallLost;
  const [shown, setShown] = useState<"lost" | "back">();
  // Set while rendering: the banner is there in the same frame as the news.
  if (isLost && shown !== "lost") setShown("lost");
  if (!isLost && shown === "lost") setShown("back");
  useEffect(() => {
    if (shown !== "back") return undefined;
    const timer = setTimeout(() => setShown(undefined), BACK_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);

  return (
    <output className={styles.place}>
      {shown && (
        <span className={styles.banner} data-testid="connection-banner" data-state={shown}>
          {shown === "lost" ? (
            <IconPlugConnectedX size={18} stroke={1.8} aria-hidden />
          ) : (
            <IconPlugConnected size={18} stroke={1.8} aria-hidden />
          )}
          {shown === "lost" ? t("connection.lost") : t("connection.back")}
        </span>
      )}
    </output>
  );
}
