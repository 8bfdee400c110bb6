import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { isPostgres, searchScope, toFtsDocument, toTsVector } from "../database/full-text.ts";
import { searchTerms } from "../kit/search-words.ts";
import type { MessageKey } from "./message-store.ts";

/**
 * Makes a message findable that the same transaction inserts. Gives the row of the index on SQLite,
 * which the message has to keep; on Postgres there is no such row.
 */
export async function indexMessage(
  db: Database,
  { roomId, sequence }: MessageKey,
  text: string,
): Promise<number | undefined> {
  const scope = searchScope(roomId);
  const terms = searchTerms(text);
  if (isPostgres(db)) {
    await sql`
      insert into message_search (room_id, sequence, words)
      values (${roomId}, ${sequence}, ${toTsVector(scope, terms)}::tsvector)`.execute(db);
    return undefined;
  }
  const { insertId } = await sql`
    insert into message_search (words, room_id, sequence)
    values (${toFtsDocument(scope, terms)}, ${roomId}, ${sequence})`.execute(db);
  return Number(insertId);
}

type Indexed = MessageKey & { searchRow: number | null };

export async function reindexMessage(db: Database, message: Indexed, text: string): Promise<void> {
  const { roomId, sequence, searchRow } = message;
  const scope = searchScope(roomId);
  const terms = searchTerms(text);
  await (isPostgres(db)
    ? sql`
      update message_search set words = ${toTsVector(scope, terms)}::tsvector
      where room_id = ${roomId} and sequence = ${sequence}`.execute(db)
    : sql`
      update message_search set words = ${toFtsDocument(scope, terms)}
      where rowid = ${searchRow}`.execute(db));
}

/** A tombstone isn't found. Messages whose row goes leave the index by themselves. */
export async function unindexMessage(db: Database, message: Indexed): Promise<void> {
  const { roomId, sequence, searchRow } = message;
  await (isPostgres(db)
    ? sql`
      delete from message_search
      where room_id = ${roomId} and sequence = ${sequence}`.execute(db)
    : sql`delete from message_search where rowid = ${searchRow}`.execute(db));
}
