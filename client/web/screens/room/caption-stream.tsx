import { Button } from "@mantine/core";
import { IconArrowDown, IconMessageLanguage } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Account } from "../../../../shared/account.ts";
import { type EngineStatus } from "../../../../shared/engine.ts";
import { type LanguageTag, sameLanguage } from "../../../../shared/language.ts";
import { translates } from "../../language/language-options.ts";
import { useEngines } from "../../language/use-language-options.ts";
import { CaptionAnnouncer } from "./caption-announcer.tsx";
import { type CaptionRow } from "./caption-list.ts";
import { NoticeLine, UtteranceLine } from "./caption-line.tsx";
import { useStickToEnd } from "./use-stick-to-end.ts";
import { useLanguageChoices, useVisitState } from "./use-visit.ts";
import styles from "./caption-stream.module.css";

/** What is said in the room, as it is said: the main thing here. */
export function CaptionStream({ account }: { account: Account }) {
  const { t } = useTranslation();
  const rows = useVisitState((state) => state.captions.rows);
  const engines = useEngines();
  const { read } = useLanguageChoices(account.language);
  const { scrollRef, onScroll, isAtEnd, toEnd } = useStickToEnd();

  return (
    <>
      <div
        ref={scrollRef}
        onScroll={onScroll}
        className={styles.scroll}
        // Whoever has no mouse scrolls by keys, and has to get here for that.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t("room.captions")}
      >
        {rows.length === 0 ? (
          <div className={styles.empty}>
            <IconMessageLanguage size={44} stroke={1.2} aria-hidden />
            <p className={styles.emptyTitle}>{t("room.captionsEmpty")}</p>
            <p className={styles.emptyHelp}>{t("room.captionsEmptyHelp")}</p>
          </div>
        ) : (
          <ol className={styles.rows}>
            {rows.map((row, index) =>
              row.kind === "notice" ? (
                <NoticeLine key={row.key} row={row} />
              ) : (
                <UtteranceLine
                  key={row.key}
                  row={row}
                  isContinued={continues(rows[index - 1], row)}
                  expectsTranslation={expectsTranslation(engines, row.language, read)}
                />
              ),
            )}
          </ol>
        )}
      </div>
      <div className={styles.newestPlace}>
        {!isAtEnd && (
          <Button
            className={styles.newest}
            size="compact-md"
            radius="xl"
            rightSection={<IconArrowDown size={16} aria-hidden />}
            onClick={toEnd}
          >
            {t("room.newest")}
          </Button>
        )}
      </div>
      <CaptionAnnouncer
        rows={rows}
        ownAccountId={account.id}
        expectsTranslation={(language) => expectsTranslation(engines, language, read)}
      />
    </>
  );
}

/** Whether the line goes on under the name of the one before. */
function continues(before: CaptionRow | undefined, row: CaptionRow): boolean {
  return before?.kind === "utterance" && before.speaker.accountId === row.speaker.accountId;
}

/** Whether a translation will come: then its place is kept from the beginning. */
function expectsTranslation(
  engines: readonly EngineStatus[],
  language: LanguageTag | undefined,
  read: LanguageTag | null,
): boolean {
  if (language === undefined || read === null || sameLanguage(language, read)) return false;
  return translates(engines, language, read);
}
