import { setImmediate as letOthersGoOn } from "node:timers/promises";
import { sql } from "kysely";
import { baseLanguage, type LanguageTag } from "../../shared/language.ts";
import type { Database } from "../database/database.ts";
import { isPostgres } from "../database/full-text.ts";
import type { MessageKey } from "./message-store.ts";

export type StoredTranslation = { edition: number; text: string };

/** By the place of the message. */
export async function listTranslations(
  db: Database,
  roomId: string,
  options: { sequences: readonly number[]; language: LanguageTag },
): Promise<Map<number, StoredTranslation>> {
  if (options.sequences.length === 0) return new Map();
  const rows = await db
    .selectFrom("message_translations")
    .select(["sequence", "edition", "text"])
    .where("room_id", "=", roomId)
    .where("sequence", "in", options.sequences)
    .where("language", "=", options.language)
    .execute();
  return new Map(rows.map(({ sequence, ...stored }) => [sequence, stored]));
}

/** Keeps a translation, unless the text that it is of has been edited or removed meanwhile. */
export async function keepTranslation(
  db: Database,
  { roomId, sequence }: MessageKey,
  translation: StoredTranslation & { language: LanguageTag },
): Promise<void> {
  const { language, edition, text } = translation;
  await db.transaction().execute(async (transaction) => {
    const message = await transaction
      .selectFrom("messages")
      .select(["edition", "removed_at"])
      .where("room_id", "=", roomId)
      .where("sequence", "=", sequence)
      // Whoever changes the message now waits. A transaction of SQLite is alone anyway.
      .$if(isPostgres(db), (query) => query.forShare())
      .executeTakeFirst();
    if (!message || message.removed_at !== null || message.edition !== edition) return;
    await transaction
      .insertInto("message_translations")
      .values({ room_id: roomId, sequence, language, edition, text })
      .onConflict((conflict) =>
        conflict.columns(["room_id", "sequence", "language"]).doUpdateSet({ edition, text }),
      )
      .execute();
  });
}

/** Translations that go at once: others write in between. */
const BATCH = 200;

/** Those of a room from one language to another, whatever the region or the script. */
export async function deleteTranslationsBetween(
  db: Database,
  roomId: string,
  { from, to }: { from: LanguageTag; to: LanguageTag },
): Promise<void> {
  let first = 0;
  for (;;) {
    const rows = await db
      .selectFrom("message_translations as translations")
      .innerJoin("messages", (join) =>
        join
          .onRef("messages.room_id", "=", "translations.room_id")
          .onRef("messages.sequence", "=", "translations.sequence"),
      )
      .select(["translations.sequence", "translations.language"])
      .where("translations.room_id", "=", roomId)
      .where("translations.sequence", ">=", first)
      .where(isLanguage("translations.language", to))
      .where(isLanguage("messages.language", from))
      .orderBy("translations.sequence")
      .limit(BATCH)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    await db
      .deleteFrom("message_translations")
      .where("room_id", "=", roomId)
      .where("sequence", "in", Array.from(new Set(rows.map(({ sequence }) => sequence))))
      .where("language", "in", Array.from(new Set(rows.map(({ language }) => language))))
      .execute();
    first = last.sequence;
    await letOthersGoOn();
  }
}

function isLanguage(column: string, language: LanguageTag) {
  const base = baseLanguage(language);
  const name = sql.ref(column);
  return sql<boolean>`(${name} = ${base} or ${name} like ${`${base}-%`})`;
}

/** In all languages. */
export async function deleteTranslations(
  db: Database,
  { roomId, sequence }: MessageKey,
): Promise<void> {
  await db
    .deleteFrom("message_translations")
    .where("room_id", "=", roomId)
    .where("sequence", "=", sequence)
    .execute();
}
