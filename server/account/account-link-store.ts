import { createHash, randomBytes } from "node:crypto";
import type { Database } from "../database/database.ts";

export type LinkPurpose = "verify" | "reset";

/** What a link is about: an account, and the address that it was mailed to. */
export type LinkTarget = { accountId: string; email: string };

const SECRET_BYTES = 32;

/** Gives the secret of a new link, which isn't kept. */
export async function insertLink(
  db: Database,
  link: LinkTarget & { purpose: LinkPurpose; lifetimeMs: number },
): Promise<string> {
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const expires = new Date(Date.now() + link.lifetimeMs).toISOString();
  await db
    .insertInto("account_links")
    .values({
      id: hashed(secret),
      account_id: link.accountId,
      purpose: link.purpose,
      email: link.email,
      expires_at: expires,
    })
    .execute();
  return secret;
}

export async function findLink(
  db: Database,
  purpose: LinkPurpose,
  secret: string,
): Promise<LinkTarget | undefined> {
  return await db
    .selectFrom("account_links")
    .select(["account_id as accountId", "email"])
    .where("id", "=", hashed(secret))
    .where("purpose", "=", purpose)
    .where("expires_at", ">", new Date().toISOString())
    .executeTakeFirst();
}

/** Takes the link away. Of several who use it at once, one gets it. */
export async function takeLink(
  db: Database,
  purpose: LinkPurpose,
  secret: string,
): Promise<LinkTarget | undefined> {
  return await db
    .deleteFrom("account_links")
    .where("id", "=", hashed(secret))
    .where("purpose", "=", purpose)
    .where("expires_at", ">", new Date().toISOString())
    .returning(["account_id as accountId", "email"])
    .executeTakeFirst();
}

export async function deleteLinks(
  db: Database,
  accountId: string,
  purpose: LinkPurpose,
): Promise<void> {
  await db
    .deleteFrom("account_links")
    .where("account_id", "=", accountId)
    .where("purpose", "=", purpose)
    .execute();
}

export async function deleteExpiredLinks(db: Database): Promise<void> {
  const now = new Date().toISOString();
  await db.deleteFrom("account_links").where("expires_at", "<=", now).execute();
}

function hashed(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
