import { randomUUID } from "node:crypto";
import { emailSchema, type SignedIn } from "../../shared/account.ts";
import { nameSchema } from "../../shared/name.ts";
import { type LanguageTag, normaliseLanguage } from "../../shared/language.ts";
import { isConflict } from "../database/database-errors.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../kit/errors.ts";
import {
  findAccount,
  findHolder,
  insertAccount,
  registerGuest,
  type StoredAccount,
} from "./account-store.ts";
import { findAccountId, insertIdentity, type ProviderKey } from "./identity-store.ts";
import type { OAuthIdentity } from "./oauth-provider.ts";
import type { SessionStore } from "./session-store.ts";
import type { Client, SignIn } from "./sign-in.ts";

export type ProviderSignIn = ReturnType<typeof createProviderSignIn>;

/**
 * Lets in who has signed in at a provider. Whose account it is, the provider's own name for somebody
 * says, never an address. An address opens an account only the first time, and only when both the
 * provider and we have seen that it is theirs: else whoever puts another's address into an account,
 * here or there, would be let in to theirs.
 */
export function createProviderSignIn(deps: {
  db: Database;
  sessions: SessionStore;
  open: SignIn["open"];
}) {
  const { db, sessions, open } = deps;

  /** The account that the identity opens, made or linked if need be. */
  async function admit(
    key: ProviderKey,
    identity: OAuthIdentity,
    options: { guestId: string | undefined; language: LanguageTag },
  ): Promise<{ accountId: string; wasGuest?: boolean }> {
    const known = await findAccountId(db, key);
    if (known !== undefined) return { accountId: known };
    const email = provenEmail(identity);
    const holder = email === undefined ? undefined : await findHolder(db, email);
    if (holder?.emailVerified) {
      await insertIdentity(db, key, holder.id);
      return { accountId: holder.id };
    }
    return await db.transaction().execute(async (transaction) => {
      const { guestId } = options;
      const credentials = { email, emailVerified: email !== undefined };
      if (guestId !== undefined && (await registerGuest(transaction, guestId, credentials))) {
        await insertIdentity(transaction, key, guestId);
        return { accountId: guestId, wasGuest: true };
      }
      const accountId = randomUUID();
      await insertAccount(transaction, {
        id: accountId,
        name: displayName(identity),
        language: normaliseLanguage(identity.language ?? "") ?? options.language,
        guest: false,
        createdAt: new Date().toISOString(),
        ...credentials,
      });
      await insertIdentity(transaction, key, accountId);
      return { accountId };
    });
  }

  /**
   * `guestId`: who the browser was until now, if a guest; they keep what is theirs. `language`: that
   * of the browser. Throws PROVIDER_REFUSED.
   */
  return async function signInByProvider(
    provider: string,
    identity: OAuthIdentity,
    options: { guestId: string | undefined; language: LanguageTag; client: Client },
  ): Promise<SignedIn> {
    const key = { provider, subject: identity.subject };
    const admitted = await admit(key, identity, options)
      .catch((error: unknown) => {
        // Somebody came in by the same door in this moment. Now there is the account that they made.
        if (isConflict(error)) return admit(key, identity, options);
        throw error;
      })
      .catch((error: unknown) => {
        // The address still belongs to an account that opens to nobody any more.
        throw isConflict(error) ? beingRemoved() : error;
      });
    if (admitted.wasGuest) await sessions.endAll(admitted.accountId);
    const account: StoredAccount | undefined = await findAccount(db, admitted.accountId);
    if (!account || account.removing) throw beingRemoved();
    return await open(account, options.client);
  };
}

function beingRemoved(): AppError {
  return new AppError("PROVIDER_REFUSED", "This account is being removed.");
}

function provenEmail({ email, emailVerified }: OAuthIdentity): string | undefined {
  const parsed = emailSchema.safeParse(email);
  return emailVerified && parsed.success ? parsed.data : undefined;
}

function displayName({ name }: OAuthIdentity): string {
  const short = Array.from(name ?? "")
    .slice(0, 64)
    .join("");
  const parsed = nameSchema.safeParse(short);
  return parsed.success ? parsed.data : "Parley";
}
