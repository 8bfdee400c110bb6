import type { OwnAccount } from "../../shared/account.ts";
import { publicAccount, type StoredAccount } from "./account-store.ts";

/** What the owner may see. */
export function ownAccount(stored: StoredAccount): OwnAccount {
  const { email, emailVerified, passwordHash, preferences } = stored;
  return {
    ...publicAccount(stored),
    ...(email !== undefined && { email }),
    emailVerified,
    hasPassword: passwordHash !== undefined,
    preferences,
  };
}
