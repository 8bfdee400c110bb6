import { setTimeout as delay } from "node:timers/promises";
import type { CaptionEvent } from "../../shared/call.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import { type CaptionRecord, type OutdatedTranslation, writeCaptions } from "./write-captions.ts";

/** Records of one transaction: none holds the database for long. */
const BATCH = 50;

/**
 * What comes within this is stored together, and later than what readers see: SQLite waits for the disk
 * on the thread that also hands voices on.
 */
const GATHER_MS = 250;

/** Hours of a lively room: what is kept in memory while nothing can be stored. */
const QUEUE_LIMIT = 20_000;

/** So often what has been said of an utterance is kept, besides its first words. */
const DRAFT_MS = 2000;

const RETRY_MS = { first: 250, longest: 5000 };

export type CaptionRecorderOptions = {
  db: Database;
  /** Throws ROOM_NOT_FOUND for a room that is gone. */
  settings: (roomId: string) => Promise<{ keepCaptions: boolean }>;
  log: Log;
  now?: () => number;
};

/**
 * Keeps captions while people speak, behind their backs: readers never wait for the database. One
 * transaction is under way at a time; what comes meanwhile is in the next, in order. When nothing can be
 * stored it is tried until it can.
 */
export class CaptionRecorder {
  readonly #options: CaptionRecorderOptions;
  #queue: CaptionRecord[] = [];
  #lost = 0;
  /** Records that came, and those of them that need no more to be done. */
  #recorded = 0;
  #done = 0;
  /** Ends with the queue empty, or the recorder closed. */
  #writing: Promise<void> | undefined;
  /** Resolves with the transaction under way. */
  #attempt: Promise<void> = Promise.resolve();
  /** When a draft of each unfinished utterance was kept last. */
  readonly #drafts = new Map<string, { at: number; text: string }>();
  readonly #closing = new AbortController();
  #onOutdated: ((translation: OutdatedTranslation) => void) | undefined;

  constructor(options: CaptionRecorderOptions) {
    this.#options = options;
  }

  /** Takes what is to be kept of what readers see of a speaker. */
  record(roomId: string, event: CaptionEvent): void {
    const record = this.#toRecord(roomId, event);
    if (!record) return;
    this.#recorded += 1;
    this.#queue.push(record);
    if (this.#queue.length > QUEUE_LIMIT) {
      this.#queue.shift();
      this.#lost += 1;
      this.#done += 1;
    }
    this.#writing ??= this.#write();
  }

  /** `listener` is told of translations that came after a correction of what they are of. */
  onOutdated(listener: (translation: OutdatedTranslation) => void): void {
    this.#onOutdated = listener;
  }

  /** Resolves when all that was recorded before is stored, or could not be at this moment. */
  async settled(): Promise<void> {
    const recorded = this.#recorded;
    while (this.#done < recorded) {
      const attempt = this.#attempt;
      await attempt;
      // It failed, and the next is some time away.
      if (this.#attempt === attempt) return;
    }
  }

  /** Stores what there is, if that is possible at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }

  #toRecord(roomId: string, event: CaptionEvent): CaptionRecord | undefined {
    switch (event.type) {
      case "partial": {
        if (!this.#isDue(event.utteranceId, event.stable)) return undefined;
        const endedAt = new Date(this.#now()).toISOString();
        return { type: "draft", ...keyOf(roomId, event), ...said(event, event.stable), endedAt };
      }
      case "final": {
        this.#drafts.delete(event.utteranceId);
        const { endedAt, cut } = event;
        return { type: "final", ...keyOf(roomId, event), ...said(event, event.text), endedAt, cut };
      }
      case "translation": {
        if (!event.final) return undefined;
        const { language } = event;
        const text = storable(event.text);
        return { type: "translation", ...keyOf(roomId, event), language, text };
      }
      default:
        return undefined;
    }
  }

  /** The first words that won't change any more are kept at once, and further ones now and then. */
  #isDue(utteranceId: string, stable: string): boolean {
    const before = this.#drafts.get(utteranceId);
    if (stable === "" || stable === before?.text) return false;
    const now = this.#now();
    if (before && now - before.at < DRAFT_MS) return false;
    this.#drafts.set(utteranceId, { at: now, text: stable });
    return true;
  }

  async #write(): Promise<void> {
    for (let failures = 0; this.#queue.length > 0;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#attempt = promise;
      await delay(GATHER_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      const stored = await this.#writeSome();
      resolve();
      failures = stored ? 0 : failures + 1;
      if (stored) continue;
      if (this.#closing.signal.aborted) break;
      const ms = Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** (failures - 1));
      await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
    }
    this.#writing = undefined;
  }

  /** Gives false when the same has to be tried again. */
  async #writeSome(): Promise<boolean> {
    const { db, log } = this.#options;
    const batch = this.#queue.splice(0, BATCH);
    try {
      const kept = await this.#findKept(batch);
      try {
        this.#tell(await writeCaptions(db, batch, (roomId) => kept.has(roomId)));
      } catch (error) {
        if (isUnavailable(error)) throw error;
        // One of them can't be stored, now or ever: the others can.
        for (const record of batch) await this.#writeOne(record, kept);
      }
      this.#done += batch.length;
      if (this.#lost > 0) log.error({ count: this.#lost }, "captions could not be kept");
      this.#lost = 0;
      return true;
    } catch (error) {
      this.#queue.unshift(...batch);
      log.warn({ err: error, waiting: this.#queue.length }, "captions can't be stored just now");
      return false;
    }
  }

  async #writeOne(record: CaptionRecord, kept: ReadonlySet<string>): Promise<void> {
    const { db, log } = this.#options;
    try {
      this.#tell(await writeCaptions(db, [record], (roomId) => kept.has(roomId)));
    } catch (error) {
      if (isUnavailable(error)) throw error;
      log.error({ err: error, roomId: record.roomId }, "a caption could not be stored");
    }
  }

  #tell(outdated: readonly OutdatedTranslation[]): void {
    for (const translation of outdated) this.#onOutdated?.(translation);
  }

  async #findKept(batch: readonly CaptionRecord[]): Promise<ReadonlySet<string>> {
    const roomIds = Array.from(new Set(batch.map(({ roomId }) => roomId)));
    const kept = await Promise.all(
      roomIds.map(async (roomId) => {
        try {
          return (await this.#options.settings(roomId)).keepCaptions ? [roomId] : [];
        } catch (error) {
          if (error instanceof AppError && error.reason === "ROOM_NOT_FOUND") return [];
          throw error;
        }
      }),
    );
    return new Set(kept.flat());
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

type Spoken = Extract<CaptionEvent, { type: "partial" | "final" }>;

function keyOf(roomId: string, event: Spoken | Extract<CaptionEvent, { type: "translation" }>) {
  return { id: event.utteranceId, roomId, accountId: event.speaker.accountId };
}

function said({ language, startedAt }: Spoken, text: string) {
  return { language, startedAt, text: storable(text) };
}

/** Postgres stores no NUL. */
function storable(text: string): string {
  return text.replaceAll("\0", "");
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.reason === "DATABASE_UNAVAILABLE";
}
