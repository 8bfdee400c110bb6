import { hash as argon2Hash, parseOptions, verify as argon2Verify } from "@node-rs/argon2";
import { compare as bcryptVerify } from "bcrypt";
import { AppError } from "./errors.ts";
import { Slots } from "./slots.ts";

/** argon2id with 19 MiB and two passes, as OWASP asks for. */
const strength = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Of a password that nobody knows: compared with where there is nothing to compare with. */
const NOBODYS_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$oAOhiIj1/+PTJAzBHEVLxA$k35nA0nNqCjnUaB+gOiwuwfVnLIu2Bnj1FNt+CtBOMA";

/** Threads that Node shares for files, names and this. One more than half would starve the rest. */
const CONCURRENCY = 2;
const WAITING = 64;

export type Passwords = ReturnType<typeof createPasswords>;

/**
 * Hashes passwords off the event loop, a few at a time: each takes 19 MiB and a core. When too many
 * wait already, both functions throw TOO_MANY_REQUESTS.
 */
export function createPasswords(options: { concurrency?: number; waiting?: number } = {}) {
  const { concurrency = CONCURRENCY, waiting = WAITING } = options;
  const slots = new Slots({ atOnce: concurrency, waiting, tooMany });

  return {
    /** Gives what may be stored. */
    hash: (password: string): Promise<string> =>
      slots.run(() => argon2Hash(password.normalize("NFC"), strength)),

    /**
     * Whether the password is the one that was hashed. Without a hash the answer is no, after the
     * same work: nobody can tell by the time whether there was one.
     */
    verify: (password: string, hash: string | undefined): Promise<boolean> =>
      slots.run(async () => {
        if (hash !== undefined && isBcrypt(hash)) {
          // PHP's name for the same thing.
          return await bcryptVerify(
            password,
            hash.replace(/^\$2y/u, () => "$2b"),
          );
        }
        const same = await argon2Verify(hash ?? NOBODYS_HASH, password.normalize("NFC"));
        return same && hash !== undefined;
      }),

    /** Whether a hash is of another kind or strength than those made now. */
    isOutdated(this: void, hash: string): boolean {
      if (isBcrypt(hash)) return true;
      const { memoryCost, timeCost, parallelism } = parseOptions(hash);
      return (
        memoryCost !== strength.memoryCost ||
        timeCost !== strength.timeCost ||
        parallelism !== strength.parallelism
      );
    },
  };
}

/** What the server before this one kept. */
function isBcrypt(hash: string): boolean {
  return /^\$2[aby]\$/u.test(hash);
}

function tooMany(): AppError {
  const message = "Too many people sign in at this moment. Try again in 2 seconds.";
  return new AppError("TOO_MANY_REQUESTS", message, { retryAfterSeconds: 2 });
}
