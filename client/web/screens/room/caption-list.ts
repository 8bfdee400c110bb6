import type { CaptionEvent, CaptionNotice, CaptionSpeaker } from "../../../../shared/call.ts";
import type { Caption, CaptionTranslation } from "../../../../shared/caption.ts";
import { type LanguageTag, sameLanguage } from "../../../../shared/language.ts";

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
  /** What it was translated to, when it was read from what is kept. */
  kept?: readonly CaptionTranslation[];
  /** Counts the corrections. Absent while there is none. */
  edition?: number;
  /** Who corrected it last. Without a name when the account is gone. */
  correctedBy?: Partial<CaptionSpeaker>;
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
  /** Rows that were fetched because somebody wanted to read them. They don't count as too many. */
  fetched: number;
  /** The oldest rows were dropped: what was fetched doesn't reach up to the list any more. */
  isTrimmed: boolean;
};

export const emptyCaptionList: CaptionList = {
  rows: [],
  voided: [],
  notices: 0,
  fetched: 0,
  isTrimmed: false,
};

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
      if (event.text === "") return without(list, event.utteranceId);
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
      return updateUtterance(list, event, (row) =>
        (row.edition ?? 0) > event.edition
          ? row
          : {
              ...row,
              language: event.language,
              stable: event.text,
              unstable: "",
              final: true,
              kept: undefined,
              edition: event.edition,
              correctedBy: event.correctedBy,
            },
      );
    case "removal":
      return without(list, event.utteranceId);
    case "translation":
      // Of a correction of something that was said long ago.
      if (event.edition && !isShown(list, event.utteranceId)) return list;
      return updateUtterance(list, event, (row) =>
        // Of what has been corrected meanwhile.
        (row.edition ?? 0) > (event.edition ?? 0)
          ? row
          : {
              ...row,
              translation: { language: event.language, text: event.text, final: event.final },
            },
      );
    case "voice":
      return list;
    case "notice":
      return addNotice(list, event);
  }
}

/**
 * Puts kept captions where they belong, in the order in which people began to speak. What is known
 * already stays where it is, and is what was kept if that is newer.
 */
export function withKept(list: CaptionList, captions: readonly Caption[]): CaptionList {
  const rows = list.rows.slice();
  let fetched = list.fetched;
  for (const caption of captions.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))) {
    if (list.voided.includes(caption.id)) continue;
    const known = rows.findIndex(
      (row) => row.kind === "utterance" && row.utteranceId === caption.id,
    );
    const before = rows[known];
    if (before?.kind === "utterance") {
      if ((before.edition ?? 0) <= caption.edition) rows[known] = keptRow(caption, before);
      continue;
    }
    const after = rows.findIndex(
      (row) =>
        row.kind === "utterance" &&
        row.startedAt !== undefined &&
        row.startedAt > caption.startedAt,
    );
    rows.splice(after < 0 ? rows.length : after, 0, keptRow(caption));
    fetched += 1;
  }
  return { ...list, rows, fetched, isTrimmed: false };
}

function keptRow(caption: Caption, before?: UtteranceRow): UtteranceRow {
  const { id, speaker, language, text, startedAt, cut, edition, correction, translations } =
    caption;
  return {
    kind: "utterance",
    key: id,
    utteranceId: id,
    speaker,
    language,
    startedAt,
    stable: text,
    unstable: "",
    final: true,
    cut,
    translation: before?.edition === edition || edition === 0 ? before?.translation : undefined,
    kept: translations.filter(({ outdated }) => !outdated),
    edition,
    correctedBy: correction && (correction.by ?? {}),
  };
}

/** What somebody reads of a row beside what was said. */
export function translationFor(
  row: UtteranceRow,
  read: LanguageTag | null,
): Translation | undefined {
  const { translation, kept = [] } = row;
  if (read === null) return translation;
  if (translation && sameLanguage(translation.language, read)) return translation;
  const found = kept.find(({ language }) => sameLanguage(language, read));
  return found ? { language: found.language, text: found.text, final: true } : translation;
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
  return append(list, row);
}

/** Nothing of the utterance is shown any more, whatever else comes of it. */
export function without(list: CaptionList, utteranceId: string): CaptionList {
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
  return append({ ...list, notices }, row);
}

function append(list: CaptionList, row: CaptionRow): CaptionList {
  const rows = [...list.rows, row];
  const limit = CAPTION_LIMIT + list.fetched;
  if (rows.length <= limit) return { ...list, rows };
  return { ...list, rows: rows.slice(-limit), isTrimmed: true };
}

/** What stands between two pieces of text: a space, unless the script has none. */
export function joiner(before: string): "" | " " {
  if (before === "") return "";
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u.test(before)
    ? ""
    : " ";
}
