import { setTimeout as delay } from "node:timers/promises";
import type { ChatMessage, Translation } from "../../shared/chat.ts";
import { type LanguageTag, sameLanguage } from "../../shared/language.ts";
import type { Reason } from "../../shared/reason.ts";
import type { Database } from "../database/database.ts";
import type { Log } from "../kit/log.ts";
import { Slots } from "../kit/slots.ts";
import type { MessageKey } from "./message-store.ts";
import { toPlace } from "./place.ts";
import type { MessageTranslator, TranslatorFor } from "./ports.ts";
import {
  deleteTranslations,
  deleteTranslationsBetween,
  keepTranslation,
  listTranslations,
} from "./translation-store.ts";

/** Translations under way at once, of all rooms; more wait their turn, and not too many of them. */
const AT_ONCE = 8;
const WAITING_LIMIT = 2000;
/** A translator that takes longer has failed. */
const TIMEOUT_MS = 20_000;

export type Translations = ReturnType<typeof createTranslations>;

/** Translates each edition of a message once into a language, and keeps what came out. */
export function createTranslations(deps: {
  db: Database;
  translatorFor: TranslatorFor;
  log: Log;
  timeoutMs?: number;
}) {
  const { db, translatorFor, log, timeoutMs = TIMEOUT_MS } = deps;
  const slots = new Slots({
    atOnce: AT_ONCE,
    waiting: WAITING_LIMIT,
    tooMany: () => new Error("too many translations of this room wait already"),
  });
  const closing = new AbortController();
  /** What several ask for at once is made once. */
  const underWay = new Map<string, Promise<Translation>>();
  /** Rises when a glossary changes: what was begun before isn't kept. */
  let glossaries = 0;

  async function make(
    translator: MessageTranslator,
    message: ChatMessage,
    language: LanguageTag,
  ): Promise<Translation> {
    const { id, roomId, text, language: from, edition } = message;
    const begunWith = glossaries;
    const key = { roomId, sequence: toPlace(id) ?? 0 };
    const done = (text: string) => ({ language, edition, state: "done", text }) as const;
    const failed = (reason: Reason) => ({ language, edition, state: "failed", reason }) as const;
    try {
      // One that was under way when it was looked for may have been kept since.
      const kept = await findKept(key, language);
      if (kept?.edition === edition) return done(kept.text);
      const translated = await slots.run(async () => {
        const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]);
        const request = { text, from, to: language, context: [], signal };
        return (await withinSignal(translator.translate(request), signal)).trim();
      }, roomId);
      if (translated === "") return failed("TRANSLATION_FAILED");
      if (glossaries === begunWith) {
        await keepTranslation(db, key, { language, edition, text: translated });
        // Those by another glossary may have been forgotten just before this one was kept.
        if (glossaries !== begunWith) await deleteTranslations(db, key);
      }
      return done(translated);
    } catch (error) {
      if (!closing.signal.aborted) log.warn({ err: error, from, language }, "not translated");
      return failed("TRANSLATION_FAILED");
    }
  }

  async function findKept({ roomId, sequence }: MessageKey, language: LanguageTag) {
    const kept = await listTranslations(db, roomId, { sequences: [sequence], language });
    return kept.get(sequence);
  }

  function start(message: ChatMessage, language: LanguageTag): Promise<Translation> {
    const { id, edition } = message;
    const translator = translatorFor(message.roomId, message.language, language);
    if (!translator) {
      const reason = "LANGUAGE_PAIR_UNAVAILABLE";
      return Promise.resolve({ language, edition, state: "failed", reason });
    }
    const key = `${id} ${edition} ${language} ${glossaries}`;
    const known = underWay.get(key);
    if (known) return known;
    const making = make(translator, message, language).finally(() => underWay.delete(key));
    underWay.set(key, making);
    return making;
  }

  return {
    /**
     * By the id of the message, in no order; messages that need none are left out. What isn't stored
     * is made, for `waitMs` at most: what takes longer is pending, and `onLate` hears of it.
     */
    async of(
      messages: readonly ChatMessage[],
      language: LanguageTag,
      options: {
        waitMs?: number;
        onLate?: (message: ChatMessage, translation: Translation) => void;
      } = {},
    ): Promise<Map<string, Translation>> {
      const needed = messages.filter((message) => needsTranslation(message, language));
      const roomId = needed[0]?.roomId;
      if (roomId === undefined) return new Map();
      const places = new Map(needed.map(({ id }) => [id, toPlace(id) ?? 0]));
      const sequences = Array.from(places.values());
      const stored = await listTranslations(db, roomId, { sequences, language });

      const waited = new AbortController();
      const pending = options.waitMs === undefined ? undefined : quietly(options.waitMs, waited);
      const translated = needed.map(async (message): Promise<[string, Translation]> => {
        const { id, edition } = message;
        const kept = stored.get(places.get(id) ?? 0);
        if (kept?.edition === edition) {
          return [id, { language, edition, state: "done", text: kept.text }];
        }
        const made = start(message, language);
        const late = pending?.then(() => ({ language, edition, state: "pending" }) as const);
        const translation = await (late ? Promise.race([made, late]) : made);
        if (translation.state === "pending") {
          void made.then((translation) => options.onLate?.(message, translation));
        }
        return [id, translation];
      });
      try {
        return new Map(await Promise.all(translated));
      } finally {
        waited.abort();
      }
    },

    /** Those of a room between some languages are made anew when they are wanted next. */
    async forget(
      roomId: string,
      pairs: readonly { from: LanguageTag; to: LanguageTag }[],
    ): Promise<void> {
      glossaries += 1;
      for (const pair of pairs) await deleteTranslationsBetween(db, roomId, pair);
    },

    close(): void {
      closing.abort(new Error("translations are closed"));
    },
  };
}

export function needsTranslation(message: ChatMessage, language: LanguageTag): boolean {
  return message.text !== "" && !sameLanguage(message.language, language);
}

/** Resolves after `ms`, or when it is stopped before. */
function quietly(ms: number, stop: AbortController): Promise<void> {
  return delay(ms, undefined, { signal: stop.signal }).catch(() => undefined);
}

/** Rejects when the signal aborts, whether or not what runs takes notice. */
async function withinSignal<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
