import { type Account } from "../../shared/account.ts";
import { type Database } from "../database/database.ts";

export async function insertAccount(db: Database, account: Account): Promise<void> {
  const { createdAt, guest, ...rest } = account;
  await db
    .insertInto("accounts")
    .values({ ...rest, guest: guest ? 1 : 0, created_at: createdAt })
    .execute();
}

export async function findAccount(db: Database, id: string): Promise<Account | undefined> {
  const row = await db
    .selectFrom("accounts")
    .select(["id", "name", "language", "guest", "created_at as createdAt"])
    .where("id", "=", id)
    .executeTakeFirst();
  return row && { ...row, guest: row.guest === 1 };
}

export async function updateLanguage(db: Database, id: string, language: string): Promise<void> {
  await db.updateTable("accounts").set({ language }).where("id", "=", id).execute();
}
