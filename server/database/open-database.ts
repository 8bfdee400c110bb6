import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Kysely } from "kysely";
import type { Log } from "../kit/log.ts";
import type { Database } from "./database.ts";
import { createPostgresDialect } from "./postgres-dialect.ts";
import { createSqliteDialect } from "./sqlite-dialect.ts";
import type { Tables } from "./tables.ts";

/** A Postgres server, or a file of SQLite that is made when it isn't there. */
export type DatabaseLocation = { postgresUrl: string } | { sqliteFile: string };

/** Throws DATABASE_UNAVAILABLE. Whoever opens it closes it with `destroy`. */
export function openDatabase(location: DatabaseLocation, log: Log): Database {
  if ("postgresUrl" in location) {
    return new Kysely<Tables>({ dialect: createPostgresDialect(location.postgresUrl, log) });
  }
  mkdirSync(dirname(location.sqliteFile), { recursive: true });
  return new Kysely<Tables>({ dialect: createSqliteDialect(location.sqliteFile) });
}
