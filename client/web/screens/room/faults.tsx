import { useTranslation } from "react-i18next";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { useVisit, useVisitState } from "./use-visit.ts";
import styles from "./faults.module.css";

/** What went wrong in the call, and the button that may mend it. */
export function Faults() {
  const { t } = useTranslation();
  const visit = useVisit();
  const fault = useVisitState((state) => state.fault);
  const call = useVisitState((state) => state.call);
  const isBlocked = useVisitState((state) => state.playbackBlocked);
  const isOut = call === "absent" || call === "closed";
  const dismiss = { label: t("failure.dismiss"), run: () => visit.dismissFault() };
  const rejoin = { label: t("closed.rejoin"), run: () => void visit.joinCall() };

  return (
    <div className={styles.faults}>
      {isBlocked && !isOut && (
        <Message
          kind="information"
          action={{ label: t("room.playbackResume"), run: () => void visit.resumePlayback() }}
        >
          {t("room.playbackBlocked")}
        </Message>
      )}
      {(fault || isOut) && (
        <Message
          testId="fault"
          action={isOut ? rejoin : undefined}
          dismiss={isOut ? undefined : dismiss}
        >
          {fault ? errorSentence(t, fault) : t("errors.CALL_ENDED")}
        </Message>
      )}
    </div>
  );
}
