import { createHash } from "node:crypto";
import type { Limiter, Limiters } from "../kit/limiter.ts";

/** Failures, after which nobody gets in for a while, whatever they say. */
const perAddress = { points: 5, seconds: 15 * 60 };
/** An office or a school is one network address. */
const perNetwork = { points: 100, seconds: 15 * 60 };
/** Somebody's inbox is not to be filled by others. */
const mailsPerAddress = { points: 5, seconds: 60 * 60 };

export type SignInLimits = ReturnType<typeof createSignInLimits>;

/**
 * Counts what guessing takes. A try is counted before it is made, and given back when it was right:
 * however many come at once, no more than five are made. All functions throw TOO_MANY_REQUESTS.
 * E-mail addresses are kept as hashes: keys go to Redis, and into its log.
 */
export function createSignInLimits(limiters: Limiters) {
  const addresses = limiters("account.login:address", perAddress);
  const networks = limiters("account.login:network", perNetwork);
  const passwords = limiters("account.password", perAddress);
  const mails = limiters("account.mail", mailsPerAddress);

  return {
    /** `attempt` gives undefined when the credentials are wrong. */
    async login<Result>(
      from: { email: string; network: string },
      attempt: () => Promise<Result | undefined>,
    ): Promise<Result | undefined> {
      const address = hashed(from.email);
      // Nothing is taken, but who has used up all is refused.
      await networks.consume(from.network, 0);
      await addresses.consume(address);
      const result = await tried(addresses, address, attempt);
      if (result === undefined) await networks.consume(from.network);
      else await addresses.reset(address);
      return result;
    },

    /** For those who are signed in and say their password once more. */
    async password(accountId: string, attempt: () => Promise<boolean>): Promise<boolean> {
      await passwords.consume(accountId);
      const right = await tried(passwords, accountId, attempt);
      if (right) await passwords.reset(accountId);
      return right;
    },

    mail: (email: string): Promise<void> => mails.consume(hashed(email)),
  };
}

/** What failed for another reason, as with no database, is no failure of who tried. */
async function tried<Result>(
  limiter: Limiter,
  key: string,
  attempt: () => Promise<Result>,
): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    await limiter.giveBack(key);
    throw error;
  }
}

function hashed(email: string): string {
  return createHash("sha256").update(email).digest("base64url");
}
