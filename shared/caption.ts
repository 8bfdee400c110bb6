import { z } from "zod";
import type { CaptionSpeaker } from "./call.ts";
import { languageSchema, type LanguageTag } from "./language.ts";
import { idSchema, pageInputSchema } from "./page.ts";
import { roomInputSchema } from "./room.ts";

/**
 * Captions as they are kept: what was said in a room that keeps it. What happens while somebody speaks
 * is in call.ts; there a caption's id is the `utteranceId`.
 */

/** Characters (UTF-16 code units) that a correction may have. */
export const CAPTION_LIMIT = 4000;

/** Captions that `call.exportCaptions` answers with; longer transcripts are downloaded. */
export const EXPORT_LIMIT = 5000;

const correctionSchema = z.string().transform((text, context) => {
  // Where a line of a caption ends is up to who shows it. Postgres stores no NUL.
  const trimmed = text.replaceAll("\0", "").replaceAll(/\s+/gu, " ").trim();
  const reason =
    trimmed === ""
      ? "CAPTION_EMPTY"
      : trimmed.length > CAPTION_LIMIT
        ? "CAPTION_TOO_LONG"
        : undefined;
  if (reason === undefined) return trimmed;
  context.addIssue({ code: "custom", message: reason, params: { reason } });
  return z.NEVER;
});

/**
 * Without a cursor: the newest captions, or with `direction` "after" the oldest. With one: those before
 * or after that place. `read` leaves only the translation into that language; `null` leaves none.
 */
export const captionListInputSchema = roomInputSchema.extend({
  ...pageInputSchema.shape,
  direction: z.enum(["before", "after"]).default("before"),
  read: languageSchema.nullish(),
});

/**
 * Captions that have every word of the text, in any script, in what was said or a translation of it.
 * Newest first.
 */
export const captionSearchInputSchema = roomInputSchema.extend({
  ...pageInputSchema.shape,
  text: z.string().trim().min(1).max(200),
});

const captionInputSchema = z.object({ captionId: idSchema });

/** For its speaker, and for moderators. What it has been translated to is translated anew. */
export const captionCorrectInputSchema = captionInputSchema.extend({ text: correctionSchema });
/** For its speaker, and for moderators. Nothing of it is left. */
export const captionRemoveInputSchema = captionInputSchema;

/**
 * - `vtt`: WebVTT, with speakers as voices and languages marked; times from the first caption's start
 * - `srt`: SubRip; likewise
 * - `txt`: lines to read, with the time of day in UTC
 * - `json`: an object with the `captions`
 * - `csv`: a line for each caption, for spreadsheets: RFC 4180, UTF-8, cells that are no formulas
 */
export const captionFormatSchema = z.enum(["vtt", "srt", "txt", "json", "csv"]);
export type CaptionFormat = z.infer<typeof captionFormatSchema>;

/**
 * `original`: what was said. `language`: everything in that `language`, and what nobody translated to it
 * as it was said, marked as such. `aligned`: what was said, and all translations with it.
 */
export const captionContentSchema = z.enum(["original", "language", "aligned"]);
export type CaptionContent = z.infer<typeof captionContentSchema>;

const timeSchema = z.iso
  .datetime({ offset: true })
  .transform((time) => new Date(time).toISOString());

/** Which part of a transcript, and as what. `from` and `to` are about when a caption begins. */
export const captionSelectionSchema = z
  .object({
    format: captionFormatSchema,
    content: captionContentSchema.default("original"),
    /** Has to be there for `content` "language". */
    language: languageSchema.optional(),
    /** This moment or after it. */
    from: timeSchema.optional(),
    /** Before this moment. */
    to: timeSchema.optional(),
  })
  .refine(({ content, language }) => content !== "language" || language !== undefined, {
    path: ["language"],
    params: { reason: "LANGUAGE_UNKNOWN" },
  });
export type CaptionSelection = z.infer<typeof captionSelectionSchema>;

export const captionExportInputSchema = roomInputSchema.and(captionSelectionSchema);

export type CaptionTranslation = {
  language: LanguageTag;
  text: string;
  /** Of the text from before a correction: a new one is under way, or could not be made. */
  outdated: boolean;
};

/** Who corrected it last, and when. */
export type CaptionCorrection = {
  /** Absent when the account is gone. */
  by?: CaptionSpeaker;
  at: string;
  /** What was recognised at first. */
  original: string;
};

/**
 * What somebody said, as it is now. `id` is the `utteranceId` of the live events, so whoever has both
 * shows one; of two states of one caption, the one with the greater `edition` is the newer.
 */
export type Caption = {
  id: string;
  roomId: string;
  speaker: CaptionSpeaker;
  /** What the speaker spoke. */
  language: LanguageTag;
  text: string;
  startedAt: string;
  /** When the speaker stopped. */
  endedAt: string;
  /** It ended because the speaker's connection, an engine or the server did. */
  cut: boolean;
  /** Counts the corrections. */
  edition: number;
  correction?: CaptionCorrection;
  /** In the order of their languages. */
  translations: CaptionTranslation[];
};

/**
 * Newest first, whatever the direction, in the order in which they were finished: where people speak at
 * once, `startedAt` may be in another. To go on where live captions begin, subscribe to `call.onCaption`
 * first, then ask for this: every utterance that had been finished before is in it.
 */
export type CaptionPage = {
  items: Caption[];
  /** For `direction` "before". Absent when there is nothing older. */
  olderCursor?: string;
  /** For `direction` "after". Absent when there was nothing newer. */
  newerCursor?: string;
  /** That of the two which goes on in the direction that was asked for. */
  nextCursor?: string;
};

/** Where a text has what was searched for: `[start, end]` in it (UTF-16 code units), in order. */
export type CaptionMatches = {
  /** Of the caption, or of the translation. */
  language: LanguageTag;
  ranges: [number, number][];
};

export type FoundCaption = Caption & {
  /** Those texts of the caption alone in which something was found. */
  matches: CaptionMatches[];
};

export type CaptionExport = { fileName: string; contentType: string; content: string };

/** Where a browser downloads a transcript from, on the server that it signed in to. */
export function captionsPath(roomId: string, selection: CaptionSelection): string {
  const { format, ...rest } = selection;
  const query = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/rooms/${encodeURIComponent(roomId)}/captions.${format}?${query.join("&")}`;
}
