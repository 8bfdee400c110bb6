import type { CaptionEvent } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Database } from "../database/database.ts";
import type { Translator } from "../interpreter/engines.ts";
import type { Log } from "../kit/log.ts";
import { indexCaption } from "./caption-search-store.ts";
import {
  type CaptionRow,
  findCaption,
  listCaptionsBefore,
  listTranslations,
  lockCaption,
  putTranslation,
} from "./caption-store.ts";

/** Undefined when nothing here translates the pair. */
export type TranslatorFor = (
  roomId: string,
  from: LanguageTag,
  to: LanguageTag,
) => Pick<Translator, "translate"> | undefined;

export type RetranslationOptions = {
  db: Database;
  translatorFor: TranslatorFor;
  publish: (roomId: string, event: CaptionEvent) => void;
  log: Log;
};

/** Nobody waits for a translation any longer. */
const LIMIT_MS = 20_000;

/** What was said before, which a translator gets to understand a caption by. */
const CONTEXT = 3;

/** Translates corrected captions anew, into all that they had been translated to. */
export function createRetranslation(options: RetranslationOptions) {
  const { db, translatorFor, publish, log } = options;
  const closing = new AbortController();
  const running = new Set<Promise<void>>();

  async function translate(
    caption: CaptionRow,
    to: LanguageTag,
    context: readonly string[],
  ): Promise<void> {
    const { roomId, language: from, text, edition } = caption;
    const speaker = { accountId: caption.accountId, name: caption.name };
    try {
      const translator = translatorFor(roomId, from, to);
      if (!translator) {
        const notice = "translator-unavailable";
        return publish(roomId, { type: "notice", speaker, language: to, notice });
      }
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(LIMIT_MS)]);
      const translated = (
        await translator.translate({ text, from, to, context, signal })
      ).replaceAll("\0", "");
      if (!(await store(caption, to, translated))) return;
      publish(roomId, {
        type: "translation",
        utteranceId: caption.id,
        speaker,
        language: to,
        text: translated,
        final: true,
        edition,
      });
    } catch (error) {
      if (closing.signal.aborted) return;
      log.warn({ err: error, roomId, stage: `correction to ${to}` }, "a translation failed");
      publish(roomId, { type: "notice", speaker, language: to, notice: "translation-failed" });
    }
  }

  /** Gives false when the caption is gone, or has been corrected again. */
  async function store(caption: CaptionRow, language: LanguageTag, text: string): Promise<boolean> {
    return db.transaction().execute(async (transaction) => {
      const row = await lockCaption(transaction, caption.id);
      if (row?.edition !== caption.edition) return false;
      await putTranslation(transaction, row, { language, edition: row.edition, text });
      await indexCaption(transaction, row);
      return true;
    });
  }

  function begin(caption: CaptionRow, to: LanguageTag, context: readonly string[]): void {
    const work = translate(caption, to, context);
    running.add(work);
    void work.finally(() => running.delete(work));
  }

  async function contextOf({ roomId, sequence, language }: CaptionRow): Promise<string[]> {
    const before = await listCaptionsBefore(db, roomId, { before: sequence, limit: CONTEXT });
    return before
      .filter((said) => said.language === language)
      .map(({ text }) => text)
      .toReversed();
  }

  return {
    /** Returns once it is known what there is to be done, which then goes on by itself. */
    async start(caption: CaptionRow): Promise<void> {
      const translations = await listTranslations(db, caption.roomId, [caption.sequence]);
      const context = await contextOf(caption);
      for (const { language: to } of translations) begin(caption, to, context);
    },

    /** For a language whose translation came after the correction. */
    async startOne(captionId: string, to: LanguageTag): Promise<void> {
      if (closing.signal.aborted) return;
      const caption = await findCaption(db, captionId);
      if (caption) begin(caption, to, await contextOf(caption));
    },

    async close(): Promise<void> {
      closing.abort();
      await Promise.all(running);
    },
  };
}
