import { type Migration, type MigrationResultSet, Migrator } from "kysely/migration";
import type { Database } from "./database.ts";
import * as accountsRoomsMessages from "./migrations/0001-accounts-rooms-messages.ts";
import * as accounts from "./migrations/0002-accounts.ts";
import * as rooms from "./migrations/0003-rooms.ts";
import * as conversation from "./migrations/0004-conversation.ts";
import * as captions from "./migrations/0005-captions.ts";
import * as uploads from "./migrations/0006-uploads.ts";

/** In the order of their names, which is the order in which they run. */
export const migrations: Record<string, Migration> = {
  "0001-accounts-rooms-messages": accountsRoomsMessages,
  "0002-accounts": accounts,
  "0003-rooms": rooms,
  "0004-conversation": conversation,
  "0005-captions": captions,
  "0006-uploads": uploads,
};

/** Each call is one transaction: what fails leaves the database as it was. */
export function createMigrator(db: Database, list: Record<string, Migration> = migrations) {
  return new Migrator({ db, provider: { getMigrations: () => Promise.resolve(list) } });
}

/** Brings the tables up to date. Gives the names of what was run; throws what went wrong. */
export async function migrateToLatest(
  db: Database,
  list: Record<string, Migration> = migrations,
): Promise<string[]> {
  return migrationNames(await createMigrator(db, list).migrateToLatest());
}

export function migrationNames({ error, results = [] }: MigrationResultSet): string[] {
  if (error !== undefined) {
    const failed = results.find(({ status }) => status === "Error")?.migrationName;
    const message = failed ? `the migration ${failed} failed` : "the migrations could not be run";
    throw new Error(message, { cause: error });
  }
  return results.map(({ migrationName }) => migrationName);
}
