import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { isPostgres, searchScope, toFtsDocument, toTsVector } from "../database/full-text.ts";
import { searchTerms, type SearchTerms } from "../kit/search-words.ts";
import { type CaptionRow, listTranslations, updateCaption } from "./caption-store.ts";

/**
 * Makes a caption findable by what it and its translations are now. Captions are indexed for the first
 * time in the order of their places; one whose row goes leaves the index by itself.
 */
export async function indexCaption(
  db: Database,
  caption: Pick<CaptionRow, "roomId" | "sequence" | "text" | "searchRow">,
): Promise<void> {
  const { roomId, sequence, text, searchRow } = caption;
  const translations = await listTranslations(db, roomId, [sequence]);
  const terms = joinTerms([text, ...translations.map((translation) => translation.text)]);
  const scope = searchScope(roomId);
  if (isPostgres(db)) {
    const words = toTsVector(scope, terms);
    await sql`
      insert into caption_search (room_id, sequence, words)
      values (${roomId}, ${sequence}, ${words}::tsvector)
      on conflict (room_id, sequence) do update set words = excluded.words`.execute(db);
    return;
  }
  const words = toFtsDocument(scope, terms);
  if (searchRow !== null) {
    await sql`update caption_search set words = ${words} where rowid = ${searchRow}`.execute(db);
    return;
  }
  const { insertId } = await sql`
    insert into caption_search (words, room_id, sequence)
    values (${words}, ${roomId}, ${sequence})`.execute(db);
  await updateCaption(db, caption, { search_row: Number(insertId) });
}

/** Nothing that stands side by side reaches from one text into the next. */
function joinTerms(texts: readonly string[]): SearchTerms {
  const all = texts.map(searchTerms);
  return {
    runs: all.flatMap(({ runs }) => runs),
    letters: Array.from(new Set(all.flatMap(({ letters }) => letters))),
  };
}
