import {
  type Caption,
  type CaptionExport,
  type CaptionPage,
  type CaptionSelection,
  EXPORT_LIMIT,
  type FoundCaption,
} from "../../shared/caption.ts";
import type { CaptionEvent, CaptionSpeaker } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Page } from "../../shared/page.ts";
import { mayInRoom, type RoomProcedure } from "../../shared/permission.ts";
import type { RoomRole } from "../../shared/room.ts";
import type { Bus } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import { searchRoom } from "../database/full-text.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import type { Membership } from "../kit/membership.ts";
import { findMatches, searchPhrases } from "../kit/search-words.ts";
import { placeSchema } from "./caption-place.ts";
import type { CaptionRecorder } from "./caption-recorder.ts";
import { indexCaption } from "./caption-search-store.ts";
import {
  type CaptionRow,
  countCaptions,
  deleteCaption,
  deleteCaptions,
  findCaption,
  listCaptionsAfter,
  listCaptionsAt,
  listCaptionsBefore,
  listCaptionsByStart,
  listTranslationLanguages,
  lockCaption,
  updateCaption,
} from "./caption-store.ts";
import { captionTopic } from "./captions.ts";
import { describeExport, exportCaptions } from "./export/export-captions.ts";
import { readCaptions, speakerOf } from "./read-captions.ts";
import { createRetranslation, type TranslatorFor } from "./retranslate.ts";

/** What transcripts ask of rooms. */
export type TranscriptPorts = {
  /** Throws ROOM_NOT_FOUND, NOT_A_MEMBER or ROLE_TOO_LOW. */
  requireMember: (roomId: string, accountId: string, procedure: RoomProcedure) => Promise<RoomRole>;
  membership: Membership;
  /** Throws alike, ROLE_TOO_LOW also by the room's setting, and MUTED_BY_MODERATOR. */
  requireSpeaker: (roomId: string, accountId: string) => Promise<void>;
  account: (accountId: string) => Promise<{ name: string }>;
};

export type TranscriptsOptions = TranscriptPorts & {
  db: Database;
  bus: Bus;
  recorder: CaptionRecorder;
  translatorFor: TranslatorFor;
  log: Log;
};

type ListInput = {
  roomId: string;
  cursor?: string | null | undefined;
  limit: number;
  direction?: "before" | "after";
  read?: LanguageTag | null | undefined;
};

type SearchInput = {
  roomId: string;
  text: string;
  cursor?: string | null | undefined;
  limit: number;
};

export type Transcripts = ReturnType<typeof createTranscripts>;

/** The captions that rooms have kept: to be read, found, corrected and removed. */
export function createTranscripts(options: TranscriptsOptions) {
  const { db, bus, recorder, requireMember } = options;
  const publish = (roomId: string, event: CaptionEvent) => bus.publish(captionTopic, roomId, event);
  const forget = (which: (event: CaptionEvent) => boolean) => bus.forget(captionTopic, which);
  const retranslation = createRetranslation({ ...options, publish });
  recorder.onOutdated(({ id, language }) => {
    retranslation.startOne(id, language).catch((error: unknown) => {
      options.log.warn({ err: error }, "an outdated translation stays");
    });
  });

  /** For those who may not see it there is no such caption. */
  async function requireOwn(
    captionId: string,
    accountId: string,
    procedure: "call.correctCaption" | "call.removeCaption",
  ): Promise<CaptionRow> {
    await recorder.settled();
    const caption = await findCaption(db, captionId);
    if (!caption) throw captionNotFound();
    const role = await requireMember(caption.roomId, accountId, "call.captions").catch(
      (error: unknown) => {
        throw isClosed(error) ? captionNotFound() : error;
      },
    );
    if (mayInRoom(role, procedure)) return caption;
    if (caption.accountId !== accountId) {
      const message = "Only who said it, or a moderator, can change a caption.";
      throw new AppError("NOT_YOUR_CAPTION", message);
    }
    // Who may say nothing writes nothing into what was said either.
    if (procedure === "call.correctCaption") {
      await options.requireSpeaker(caption.roomId, accountId);
    }
    return caption;
  }

  return {
    async list(accountId: string, input: ListInput): Promise<CaptionPage> {
      const { roomId, limit, direction = "before", read } = input;
      await requireMember(roomId, accountId, "call.captions");
      const place = input.cursor ? decodeCursor(input.cursor, placeSchema) : undefined;
      // What readers have seen the end of is there.
      await recorder.settled();
      const more = limit + 1;
      const after = direction === "after";
      const found = after
        ? await listCaptionsAfter(db, roomId, { after: place ?? 0, limit: more })
        : await listCaptionsBefore(db, roomId, { before: place, limit: more });
      const rows = after ? found.slice(0, limit).toReversed() : found.slice(0, limit);
      const goesOn = found.length > limit;
      const [newest, oldest] = [rows[0], rows.at(-1)];
      const older = after ? (place ?? 0) > 0 : goesOn;
      const newer = after ? goesOn : place !== undefined;
      const olderCursor = older && oldest ? encodeCursor(oldest.sequence) : undefined;
      const newerCursor = newer && newest ? encodeCursor(newest.sequence) : undefined;
      const nextCursor = after ? newerCursor : olderCursor;
      return {
        items: await readCaptions(db, rows, read),
        ...(olderCursor !== undefined && { olderCursor }),
        ...(newerCursor !== undefined && { newerCursor }),
        ...(nextCursor !== undefined && { nextCursor }),
      };
    },

    async search(accountId: string, input: SearchInput): Promise<Page<FoundCaption>> {
      const { roomId, text, cursor, limit } = input;
      await requireMember(roomId, accountId, "call.searchCaptions");
      const before = cursor ? decodeCursor(cursor, placeSchema) : undefined;
      const phrases = searchPhrases(text);
      if (phrases.length === 0) return { items: [] };
      await recorder.settled();
      const hits = await searchRoom(db, "caption_search", roomId, {
        phrases,
        before,
        limit: limit + 1,
      });
      const page = hits.slice(0, limit);
      const last = hits.length > limit ? page.at(-1) : undefined;
      const places = page.map(({ sequence }) => sequence);
      const captions = await readCaptions(db, await listCaptionsAt(db, roomId, places));
      return {
        items: captions.map((caption) => withMatches(caption, text)),
        ...(last && { nextCursor: encodeCursor(last.place) }),
      };
    },

    /** Readers hear of it at once, and of each translation when it has been made. */
    async correct(accountId: string, input: { captionId: string; text: string }) {
      const found = await requireOwn(input.captionId, accountId, "call.correctCaption");
      const corrector: CaptionSpeaker = {
        accountId,
        name: (await options.account(accountId)).name,
      };
      const corrected = await db.transaction().execute(async (transaction) => {
        const row = await lockCaption(transaction, found.id);
        if (!row) throw captionNotFound();
        if (row.text === input.text) return undefined;
        const correctedAt = new Date().toISOString();
        await updateCaption(transaction, row, {
          text: input.text,
          edition: row.edition + 1,
          original_text: row.originalText ?? row.text,
          corrected_by: accountId,
          corrected_at: correctedAt,
        });
        await indexCaption(transaction, { ...row, text: input.text });
        return { ...row, text: input.text, edition: row.edition + 1, correctedAt };
      });
      if (corrected) {
        const { id: utteranceId, language, text, edition, correctedAt } = corrected;
        publish(corrected.roomId, {
          type: "correction",
          utteranceId,
          speaker: speakerOf(corrected),
          language,
          text,
          edition,
          correctedBy: corrector,
          correctedAt,
        });
        await retranslation.start(corrected);
      }
      return readOne(db, found.id);
    },

    /**
     * A transcript, to be read as fast as somebody takes it, until the signal given aborts: when `signal`
     * does or the membership ends.
     */
    async openExport(
      accountId: string,
      input: { roomId: string; selection: CaptionSelection },
      signal: AbortSignal,
    ): Promise<{ parts: AsyncGenerator<string>; signal: AbortSignal }> {
      const { roomId, selection } = input;
      const member = await options.membership(roomId, accountId, "call.exportCaptions", signal);
      await recorder.settled();
      const languages = await listTranslationLanguages(db, roomId, selection);
      const pages = readPages(db, roomId, selection, member);
      return { parts: exportCaptions({ roomId, selection, pages, languages }), signal: member };
    },

    /** Throws TRANSCRIPT_TOO_LONG for what has to be downloaded. */
    async export(
      accountId: string,
      input: { roomId: string; selection: CaptionSelection },
      signal: AbortSignal,
    ): Promise<CaptionExport> {
      const { roomId, selection } = input;
      const ended = new AbortController();
      try {
        const until = AbortSignal.any([signal, ended.signal]);
        const { parts } = await this.openExport(accountId, input, until);
        if ((await countCaptions(db, roomId, selection)) > EXPORT_LIMIT) {
          const message = "This transcript is too long for an answer. Download it instead.";
          throw new AppError("TRANSCRIPT_TOO_LONG", message);
        }
        let content = "";
        for await (const part of parts) content += part;
        return { ...describeExport(selection), content };
      } finally {
        // The membership is watched no longer.
        ended.abort();
      }
    },

    async remove(accountId: string, { captionId }: { captionId: string }): Promise<void> {
      const caption = await requireOwn(captionId, accountId, "call.removeCaption");
      await deleteCaption(db, caption);
      forget((event) => "utteranceId" in event && event.utteranceId === captionId);
      const speaker = speakerOf(caption);
      publish(caption.roomId, { type: "removal", utteranceId: captionId, speaker });
    },

    /** Leaves nothing that the account said, nor translations of it. */
    async erase(this: void, accountId: string): Promise<void> {
      await recorder.settled();
      await deleteCaptions(db, { accountId });
      // Those who read it at this moment are told, too.
      const removals = new Map<string, () => void>();
      for (const { key, event } of forget((event) => event.speaker.accountId === accountId)) {
        if (!("utteranceId" in event)) continue;
        const { utteranceId } = event;
        const removal = { type: "removal", utteranceId, speaker: { accountId, name: "" } } as const;
        removals.set(utteranceId, () => publish(key, removal));
      }
      for (const tell of removals.values()) tell();
    },

    /** Removes the captions of a room that is about to be removed. */
    emptyRoom: (roomId: string): Promise<void> => deleteCaptions(db, { roomId }),

    /** Ends translations that are under way. */
    async close(): Promise<void> {
      await retranslation.close();
    },
  };
}

/** What a transcript is read by. */
const PAGE = 500;

async function* readPages(
  db: Database,
  roomId: string,
  { from, to }: CaptionSelection,
  signal: AbortSignal,
): AsyncGenerator<Caption[]> {
  for (let last: CaptionRow | undefined; ;) {
    signal.throwIfAborted();
    const rows: CaptionRow[] = await listCaptionsByStart(db, roomId, {
      from,
      to,
      last,
      limit: PAGE,
    });
    yield await readCaptions(db, rows);
    last = rows.at(-1);
    if (rows.length < PAGE) return;
  }
}

async function readOne(db: Database, id: string): Promise<Caption> {
  const row = await findCaption(db, id);
  const [caption] = await readCaptions(db, row ? [row] : []);
  if (!caption) throw captionNotFound();
  return caption;
}

function withMatches(caption: Caption, query: string): FoundCaption {
  const matches = [caption, ...caption.translations]
    .map(({ language, text }) => ({ language, ranges: findMatches(text, query) }))
    .filter(({ ranges }) => ranges.length > 0);
  return { ...caption, matches };
}

function isClosed(error: unknown): boolean {
  return (
    error instanceof AppError &&
    (error.reason === "ROOM_NOT_FOUND" || error.reason === "NOT_A_MEMBER")
  );
}

function captionNotFound(): AppError {
  return new AppError("CAPTION_NOT_FOUND", "There is no such caption.");
}
