import {
  type CaptionEvent,
  type CaptionNotice,
  type CaptionSpeaker,
} from "../../../../shared/call.ts";
import { type LanguageTag } from "../../../../shared/language.ts";

/** Rows that are kept. Older ones are dropped: a long meeting must not slow the page down. */
export const CAPTION_LIMIT = 500;

/** A notice that was given within this many rows isn't given again: it is still in sight. */
const NOTICE_DISTANCE = 12;

/** Emptied utterances that are remembered, so that what comes late doesn't bring them back. */
const VOID_LIMIT = 32;

export type Translation = { language: LanguageTag; text: string; final: boolean };

export type UtteranceRow = {
  kind: "utterance";
  key: string;
  utteranceId: string;
  speaker: CaptionSpeaker;
  /** Absent while only a translation has come, as for a reader who came in the middle. */
  language?: LanguageTag;
  startedAt?: string;
  stable: string;
  unstable: string;
  final: boolean;
  cut: boolean;
  translation?: Translation;
};

export type NoticeRow = {
  kind: "notice";
  key: string;
  speaker: CaptionSpeaker;
  language?: LanguageTag;
  notice: CaptionNotice;
};

export type CaptionRow = UtteranceRow | NoticeRow;

export type CaptionList = {
  /** In the order in which the utterances began to be shown. A row that didn't change is the same object. */
  rows: readonly CaptionRow[];
  /** Utterances of which nothing could be made out, the newest last. */
  voided: readonly string[];
  /** How many notices there have been: their rows' keys count on. */
  notices: number;
};

export const emptyCaptionList: CaptionList = { rows: [], voided: [], notices: 0 };

/** Merges what arrives into the rows. Gives the same list when nothing is to be seen of the event. */
export function reduceCaptions(list: CaptionList, event: CaptionEvent): CaptionList {
  switch (event.type) {
    case "partial":
      return updateUtterance(list, event, (row) =>
        // A final is the last word; a partial that comes after it was under way before.
        row.final
          ? row
          : {
              ...row,
              language: event.language,
              startedAt: event.startedAt,
              stable: event.stable,
              unstable: event.unstable,
            },
      );
    case "final":
      if (event.text === "") return voidUtterance(list, event.utteranceId);
      return updateUtterance(list, event, (row) => ({
        ...row,
        language: event.language,
        startedAt: event.startedAt,
        stable: event.text,
        unstable: "",
        final: true,
        cut: event.cut,
      }));
    case "correction":
      if (!isShown(list, event.utteranceId)) return list;
      return updateUtterance(list, event, (row) => ({
        ...row,
        language: event.language,
        stable: event.text,
        unstable: "",
        final: true,
      }));
    case "removal":
      return voidUtterance(list, event.utteranceId);
    case "translation":
      // Of a correction of something that was said long ago.
      if (event.edition && !isShown(list, event.utteranceId)) return list;
      return updateUtterance(list, event, (row) => ({
        ...row,
        translation: { language: event.language, text: event.text, final: event.final },
      }));
    case "voice":
      return list;
    case "notice":
      return addNotice(list, event);
  }
}

function isShown(list: CaptionList, utteranceId: string): boolean {
  return list.rows.some((row) => row.kind === "utterance" && row.utteranceId === utteranceId);
}

function updateUtterance(
  list: CaptionList,
  { utteranceId, speaker }: { utteranceId: string; speaker: CaptionSpeaker },
  update: (row: UtteranceRow) => UtteranceRow,
): CaptionList {
  if (list.voided.includes(utteranceId)) return list;
  // Utterances that change are the newest, so the search starts at the end.
  const index = list.rows.findLastIndex(
    (row) => row.kind === "utterance" && row.utteranceId === utteranceId,
  );
  const before = list.rows[index];
  if (before?.kind === "utterance") {
    const row = update(before);
    return row === before ? list : { ...list, rows: list.rows.with(index, row) };
  }
  const row = update({
    kind: "utterance",
    key: utteranceId,
    utteranceId,
    speaker,
    stable: "",
    unstable: "",
    final: false,
    cut: false,
  });
  return { ...list, rows: append(list.rows, row) };
}

function voidUtterance(list: CaptionList, utteranceId: string): CaptionList {
  return {
    ...list,
    rows: list.rows.filter((row) => row.kind === "notice" || row.utteranceId !== utteranceId),
    voided: [...list.voided, utteranceId].slice(-VOID_LIMIT),
  };
}

function addNotice(
  list: CaptionList,
  { speaker, language, notice }: Extract<CaptionEvent, { type: "notice" }>,
): CaptionList {
  const given = list.rows
    .slice(-NOTICE_DISTANCE)
    .some(
      (row) =>
        row.kind === "notice" &&
        row.notice === notice &&
        row.language === language &&
        row.speaker.accountId === speaker.accountId,
    );
  if (given) return list;
  const notices = list.notices + 1;
  const row: NoticeRow = { kind: "notice", key: `notice-${notices}`, speaker, language, notice };
  return { ...list, rows: append(list.rows, row), notices };
}

function append(rows: readonly CaptionRow[], row: CaptionRow): readonly CaptionRow[] {
  return [...rows, row].slice(-CAPTION_LIMIT);
}

/** What stands between two pieces of text: a space, unless the script has none. */
export function joiner(before: string): "" | " " {
  if (before === "") return "";
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u.test(before)
    ? ""
    : " ";
}
