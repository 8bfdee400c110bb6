import { Button } from "@mantine/core";
import { IconArrowDown, IconMessageLanguage } from "@tabler/icons-react";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../../../shared/account.ts";
import { mayInRoom, type RoomProcedure } from "../../../../shared/permission.ts";
import type { EngineStatus } from "../../../../shared/engine.ts";
import { type LanguageTag, sameLanguage } from "../../../../shared/language.ts";
import { translates } from "../../language/language-options.ts";
import { useEngines } from "../../language/use-language-options.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { Question } from "../../ui/question.tsx";
import { CaptionAnnouncer } from "./caption-announcer.tsx";
import type { CaptionRow } from "./caption-list.ts";
import { NoticeLine, UtteranceLine } from "./caption-line.tsx";
import { goAboutLines } from "./line-keys.ts";
import { TranscriptBar } from "./transcript-bar.tsx";
import { TranscriptSearch } from "./transcript-search.tsx";
import { usePlaceKept } from "./use-place-kept.ts";
import { useStickToEnd } from "./use-stick-to-end.ts";
import { useTranscript, useTranscriptState } from "./use-transcript.ts";
import { useLanguageChoices, useVisitState } from "./use-visit.ts";
import styles from "./caption-stream.module.css";

/** So near to the first caption, in CSS pixels, those before are fetched. */
const NEAR_START = 160;

/** What is said in the room, as it is said: the main thing here. */
export function CaptionStream({ account }: { account: OwnAccount }) {
  const { t } = useTranslation();
  const rows = useVisitState((state) => state.captions.rows);
  const engines = useEngines();
  const { read } = useLanguageChoices(account);
  const { scrollRef, onScroll, isAtEnd, toEnd, release, show: showLine } = useStickToEnd();
  const transcript = useTranscript();
  const { isLoading, hasOlder, error } = useTranscriptState(transcript);
  const role = useVisitState((state) => state.room?.room.role);
  const isKept = useVisitState((state) => state.room?.room.settings.keepCaptions) ?? false;
  const { size, original } = account.preferences.captions;
  /** Absent: nobody searches. */
  const [search, setSearch] = useState<string>();
  const isSearching = search !== undefined && search.trim() !== "";
  usePlaceKept(scrollRef, rows);

  const correct = useCallback(
    (captionId: string, text: string) => transcript.correct(captionId, text),
    [transcript],
  );
  /** What is asked about, before it is removed. */
  const [doomed, setDoomed] = useState<string>();
  const [isRemoving, setRemoving] = useState(false);
  const remove = async (captionId: string) => {
    setRemoving(true);
    const isGone = await transcript.remove(captionId);
    setRemoving(false);
    setDoomed(undefined);
    // What had the focus is gone with the caption.
    if (isGone) scrollRef.current?.focus({ preventScroll: true });
  };
  const may = (procedure: RoomProcedure, accountId: string) =>
    isKept && (accountId === account.id || (role !== undefined && mayInRoom(role, procedure)));

  const show = async (captionId: string) => {
    setSearch(undefined);
    release();
    if (!(await transcript.show(captionId))) return;
    requestAnimationFrame(() => {
      const line = document.getElementById(`caption-${captionId}`);
      if (!line) return;
      showLine(line);
      line.focus({ preventScroll: true });
    });
  };

  return (
    <>
      <TranscriptBar search={search} onSearch={setSearch} />
      {error && (
        <div className={styles.error}>
          <Message
            action={{ label: t("failure.again"), run: () => void transcript.begin() }}
            dismiss={{ label: t("failure.dismiss"), run: () => transcript.dismissError() }}
          >
            {errorSentence(t, error)}
          </Message>
        </div>
      )}
      {isSearching && <TranscriptSearch text={search} onChoose={(id) => void show(id)} />}
      {/* The list itself can have the focus: see below. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={scrollRef}
        onScroll={({ currentTarget: { scrollTop } }) => {
          onScroll();
          if (scrollTop < NEAR_START) void transcript.loadOlder();
        }}
        onKeyDown={goAboutLines}
        className={styles.scroll}
        hidden={isSearching}
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
          <ol className={styles.rows} data-size={size}>
            {(isLoading || (!hasOlder && isKept)) && (
              <li className={styles.edge}>
                {isLoading ? t("transcript.older") : t("transcript.beginning")}
              </li>
            )}
            {rows.map((row, index) =>
              row.kind === "notice" ? (
                <NoticeLine key={row.key} row={row} isOwn={row.speaker.accountId === account.id} />
              ) : (
                <UtteranceLine
                  key={row.key}
                  row={row}
                  isContinued={continues(rows[index - 1], row)}
                  expectsTranslation={
                    row.kept === undefined && expectsTranslation(engines, row.language, read)
                  }
                  read={read}
                  showsOriginal={original}
                  onCorrect={
                    may("call.correctCaption", row.speaker.accountId) ? correct : undefined
                  }
                  onRemove={
                    may("call.removeCaption", row.speaker.accountId) ? setDoomed : undefined
                  }
                />
              ),
            )}
          </ol>
        )}
      </div>
      <div className={styles.newestPlace}>
        {!isAtEnd && !isSearching && (
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
      <Question
        title={t("transcript.removeQuestion")}
        text={t("transcript.removeText")}
        isOpen={doomed !== undefined}
        isPending={isRemoving}
        yes={t("transcript.remove")}
        no={t("transcript.keep")}
        dismiss={t("transcript.keep")}
        onYes={() => {
          if (doomed !== undefined) void remove(doomed);
        }}
        onNo={() => setDoomed(undefined)}
      />
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
