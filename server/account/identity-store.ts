import type { Database } from "../database/database.ts";

/** Who somebody is at a provider. */
export type ProviderKey = { provider: string; subject: string };

export async function findAccountId(
  db: Database,
  { provider, subject }: ProviderKey,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("account_identities")
    .select("account_id")
    .where("provider", "=", provider)
    .where("subject", "=", subject)
    .executeTakeFirst();
  return row?.account_id;
}

/** Fails, with what `isConflict` knows, when the provider's account is somebody's already. */
export async function insertIdentity(
  db: Database,
  { provider, subject }: ProviderKey,
  accountId: string,
): Promise<void> {
  await db
    .insertInto("account_identities")
    .values({
      provider,
      subject,
      account_id: accountId,
      created_at: new Date().toISOString(),
    })
    .execute();
}
