import type { Database } from "../database.ts";

const createdAt = "2026-01-01T00:00:00.000Z";

/** An account that is called what its id is. */
export async function insertSampleAccount(db: Database, id: string, language = "en") {
  await db
    .insertInto("accounts")
    .values({ id, name: id, language, guest: 1, created_at: createdAt })
    .execute();
}

/** A room that nobody is in. */
export async function insertSampleRoom(db: Database, id: string) {
  await db
    .insertInto("rooms")
    .values({ id, name: id, created_at: createdAt, active_at: createdAt })
    .execute();
}
