import { createHash } from "node:crypto";
import { type Kysely, PostgresAdapter, sql } from "kysely";
import type { SearchTerms } from "../kit/search-words.ts";
import { type Database, LARGEST_INTEGER } from "./database.ts";

/**
 * Both databases get the very same words, made in TypeScript, and neither takes them apart any
 * further: what is found is alike. Each word begins with the scope that it is searched in, such as a
 * room, so that a search reads nothing but what is in there, however large the rest is.
 */
export type Scope = string;

/** Letters and digits alone, of one length, so that no scope's words are another's. */
export function searchScope(id: string): Scope {
  const start = createHash("sha256").update(id).digest().readBigUInt64BE();
  return start.toString(36).padStart(13, "0");
}

/** For an FTS5 column whose tokenizer is `ascii`, which splits at nothing but blanks here. */
export function toFtsDocument(scope: Scope, { runs, letters }: SearchTerms): string {
  const words = (terms: readonly string[]) => terms.map((term) => scope + term).join(" ");
  // The scope alone keeps the end of a run and the beginning of the next apart.
  return [...runs.map(words), words(letters)].join(` ${scope} `);
}

export function toFtsQuery(scope: Scope, phrases: readonly string[][]): string {
  const quoted = (phrase: readonly string[]) => `"${phrase.map((term) => scope + term).join(" ")}"`;
  return phrases.map(quoted).join(" AND ");
}

/** Text that is cast to `tsvector`: the parsers of Postgres never see it. */
export function toTsVector(scope: Scope, { runs, letters }: SearchTerms): string {
  const places = new Map<string, number[]>(letters.map((letter) => [scope + letter, []]));
  let place = 0;
  for (const run of runs) {
    for (const term of run) {
      place += 1;
      const known = places.get(scope + term);
      if (known) known.push(place);
      else places.set(scope + term, [place]);
    }
    place += 1;
  }
  return Array.from(
    places,
    ([term, at]) => `'${term}'${at.length > 0 ? `:${at.join(",")}` : ""}`,
  ).join(" ");
}

/** Text that is cast to `tsquery`. */
export function toTsQuery(scope: Scope, phrases: readonly string[][]): string {
  const quoted = (phrase: readonly string[]) =>
    `(${phrase.map((term) => `'${scope}${term}'`).join(" <-> ")})`;
  return phrases.map(quoted).join(" & ");
}

export function isPostgres<Tables>(db: Kysely<Tables>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** `place` rises with what was put into the index. It means nothing but where a page begins. */
export type Hit = { sequence: number; place: number };

/** What is found of one room's messages or captions. Newest first: those before `before`. */
export async function searchRoom(
  db: Database,
  index: "message_search" | "caption_search",
  roomId: string,
  options: { phrases: readonly string[][]; before?: number | undefined; limit: number },
): Promise<Hit[]> {
  const { phrases, before = LARGEST_INTEGER, limit } = options;
  const scope = searchScope(roomId);
  const table = sql.table(index);
  const { rows } = await (isPostgres(db)
    ? sql<Hit>`
      select sequence, sequence as place from ${table}
      where words @@ ${toTsQuery(scope, phrases)}::tsquery
        and room_id = ${roomId} and sequence < ${before}
      order by sequence desc limit ${limit}`.execute(db)
    : sql<Hit>`
      select sequence, rowid as place from ${table}
      where ${table} match ${toFtsQuery(scope, phrases)} and rowid < ${before}
      order by rowid desc limit ${limit}`.execute(db));
  return rows;
}
