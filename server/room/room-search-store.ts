import { type RawBuilder, sql } from "kysely";
import type { Database } from "../database/database.ts";
import {
  isPostgres,
  searchScope,
  toFtsDocument,
  toFtsQuery,
  toTsQuery,
  toTsVector,
} from "../database/full-text.ts";
import { searchPhrases, searchTerms } from "../kit/search-words.ts";

/** All rooms are searched at once. */
const scope = searchScope("rooms");

/** Makes a room findable by `text` alone. It takes itself out of the index when it goes. */
export async function indexRoom(
  db: Database,
  room: { id: string; searchRow: number | null; text: string },
): Promise<void> {
  const { id, searchRow } = room;
  const terms = searchTerms(room.text);
  if (isPostgres(db)) {
    const words = toTsVector(scope, terms);
    await sql`
      insert into room_search (room_id, words) values (${id}, ${words}::tsvector)
      on conflict (room_id) do update set words = excluded.words`.execute(db);
    return;
  }
  const document = toFtsDocument(scope, terms);
  if (searchRow !== null) {
    await sql`update room_search set words = ${document} where rowid = ${searchRow}`.execute(db);
    return;
  }
  const { insertId } = await sql`
    insert into room_search (words, room_id) values (${document}, ${id})`.execute(db);
  await db
    .updateTable("rooms")
    .set({ search_row: Number(insertId) })
    .where("id", "=", id)
    .execute();
}

/** A query of the ids of rooms in which all of `text` is found. Undefined when it has no words. */
export function roomsWithWords(
  db: Database,
  text: string,
): RawBuilder<{ room_id: string }> | undefined {
  const phrases = searchPhrases(text);
  if (phrases.length === 0) return undefined;
  return isPostgres(db)
    ? sql`select room_id from room_search where words @@ ${toTsQuery(scope, phrases)}::tsquery`
    : sql`select room_id from room_search where room_search match ${toFtsQuery(scope, phrases)}`;
}
