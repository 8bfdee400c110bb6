import { type Account, type Preferences, preferencesSchema } from "../../shared/account.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Database } from "../database/database.ts";
import { isConflict } from "../database/database-errors.ts";

/** All that is stored of an account. What others may see of it is an `Account`. */
export type StoredAccount = {
  id: string;
  name: string;
  language: LanguageTag;
  guest: boolean;
  createdAt: string;
  email: string | undefined;
  emailVerified: boolean;
  passwordHash: string | undefined;
  avatarUrl: string | undefined;
  preferences: Preferences;
  /** Its removal has begun. */
  removing: boolean;
};

export type NewAccount = Pick<StoredAccount, "id" | "name" | "language" | "guest" | "createdAt"> &
  Partial<Pick<StoredAccount, "email" | "emailVerified" | "passwordHash">>;

export async function insertAccount(db: Database, account: NewAccount): Promise<void> {
  const { id, name, language, guest, createdAt, email, emailVerified, passwordHash } = account;
  await db
    .insertInto("accounts")
    .values({
      id,
      name,
      language,
      guest: guest ? 1 : 0,
      created_at: createdAt,
      email: email ?? null,
      email_verified_at: emailVerified ? createdAt : null,
      password_hash: passwordHash ?? null,
    })
    .execute();
}

export async function findAccount(db: Database, id: string): Promise<StoredAccount | undefined> {
  const row = await db.selectFrom("accounts").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromRow(row);
}

/**
 * The account that an address opens: whoever has shown that it is theirs, else who said so first.
 * Others may have said so too; their address opens nothing.
 */
export async function findHolder(db: Database, email: string): Promise<StoredAccount | undefined> {
  const row = await db
    .selectFrom("accounts")
    .selectAll()
    .where("email", "=", email)
    .where("removing_at", "is", null)
    .orderBy((eb) => eb.case().when("email_verified_at", "is", null).then(1).else(0).end())
    .orderBy("created_at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return row && fromRow(row);
}

type Row = {
  id: string;
  name: string;
  language: string;
  guest: number;
  created_at: string;
  email: string | null;
  email_verified_at: string | null;
  password_hash: string | null;
  avatar_url: string | null;
  preferences: string | null;
  removing_at: string | null;
};

function fromRow(row: Row): StoredAccount {
  return {
    id: row.id,
    name: row.name,
    language: row.language,
    guest: row.guest === 1,
    createdAt: row.created_at,
    email: row.email ?? undefined,
    emailVerified: row.email_verified_at !== null,
    passwordHash: row.password_hash ?? undefined,
    avatarUrl: row.avatar_url ?? undefined,
    preferences: preferencesSchema.parse(JSON.parse(row.preferences ?? "{}")),
    removing: row.removing_at !== null,
  };
}

/** What others may see. */
export function publicAccount(stored: StoredAccount): Account {
  const { id, name, language, guest, createdAt, avatarUrl } = stored;
  return { id, name, language, guest, createdAt, ...(avatarUrl !== undefined && { avatarUrl }) };
}

/** Changes what the owner may change by saying so. */
export async function updateProfile(
  db: Database,
  id: string,
  profile: Partial<Pick<StoredAccount, "name" | "language" | "preferences">> & {
    avatarUrl?: string | null;
  },
): Promise<void> {
  const { name, language, preferences, avatarUrl } = profile;
  await db
    .updateTable("accounts")
    .set({
      ...(name !== undefined && { name }),
      ...(language !== undefined && { language }),
      ...(preferences !== undefined && { preferences: JSON.stringify(preferences) }),
      ...(avatarUrl !== undefined && { avatar_url: avatarUrl }),
    })
    .where("id", "=", id)
    .execute();
}

/** Makes an account of a guest. False when they are none any more. */
export async function registerGuest(
  db: Database,
  id: string,
  credentials: { email: string | undefined; emailVerified?: boolean; passwordHash?: string },
): Promise<boolean> {
  const { email, emailVerified = false, passwordHash } = credentials;
  const { numUpdatedRows } = await db
    .updateTable("accounts")
    .set({
      guest: 0,
      email: email ?? null,
      email_verified_at: emailVerified ? new Date().toISOString() : null,
      password_hash: passwordHash ?? null,
    })
    .where("id", "=", id)
    .where("guest", "=", 1)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** False when the hash is not `before` any more: somebody else changed it meanwhile. */
export async function updatePasswordHash(
  db: Database,
  id: string,
  hash: { before: string | undefined; after: string },
): Promise<boolean> {
  const { before, after } = hash;
  const { numUpdatedRows } = await db
    .updateTable("accounts")
    .set({ password_hash: after })
    .where("id", "=", id)
    .where("password_hash", before === undefined ? "is" : "=", before ?? null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function setPasswordHash(db: Database, id: string, hash: string): Promise<void> {
  await db.updateTable("accounts").set({ password_hash: hash }).where("id", "=", id).execute();
}

/**
 * Notes that the owner has shown that `email` is theirs. False when it isn't the account's address,
 * or when another account has been first.
 */
export async function verifyAddress(db: Database, id: string, email: string): Promise<boolean> {
  try {
    const { numUpdatedRows } = await db
      .updateTable("accounts")
      .set({ email_verified_at: new Date().toISOString() })
      .where("id", "=", id)
      .where("email", "=", email)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  } catch (error) {
    // Of all accounts with an address one at most has shown that it is theirs: see the index.
    if (isConflict(error)) return false;
    throw error;
  }
}

/** From here on nobody can sign in to it, and it is removed even if the server stops meanwhile. */
export async function markRemoving(db: Database, id: string): Promise<void> {
  await db
    .updateTable("accounts")
    .set({ removing_at: new Date().toISOString() })
    .where("id", "=", id)
    .execute();
}

export async function listRemoving(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom("accounts")
    .select("id")
    .where("removing_at", "is not", null)
    .execute();
  return rows.map(({ id }) => id);
}

/** What refers to the account goes with it. */
export async function deleteAccount(db: Database, id: string): Promise<void> {
  await db.deleteFrom("accounts").where("id", "=", id).execute();
}
