import { setImmediate as letOthersGoOn } from "node:timers/promises";
import type { Database } from "../database/database.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import type { Passwords } from "../kit/passwords.ts";
import type { Mail, Mailer, WrittenMail } from "../mail/mailer.ts";
import {
  deleteLinks,
  findLink,
  insertLink,
  type LinkPurpose,
  type LinkTarget,
  takeLink,
} from "./account-link-store.ts";
import {
  findAccount,
  findHolder,
  setPasswordHash,
  type StoredAccount,
  verifyAddress,
} from "./account-store.ts";
import { mailTexts } from "./mail-texts.ts";
import { requireGoodPassword } from "./password-rule.ts";
import type { SessionStore } from "./session-store.ts";
import type { SignInLimits } from "./sign-in-limits.ts";

const HOUR_MS = 60 * 60 * 1000;
const lifetimes: Record<LinkPurpose, number> = { verify: 72 * HOUR_MS, reset: HOUR_MS };
const pages: Record<LinkPurpose, string> = { verify: "/verify-email", reset: "/reset-password" };

export type AccountMail = ReturnType<typeof createAccountMail>;

/**
 * What is done by mail: showing that an address is one's own, and getting back in. Nobody who asks
 * for a mail learns, by the answer or its time, whether an address has an account.
 */
export function createAccountMail(deps: {
  db: Database;
  mailer: Mailer;
  sessions: SessionStore;
  passwords: Passwords;
  limits: SignInLimits;
  /** Where browsers find this server. */
  address: () => string;
  log: Log;
}) {
  const { db, mailer, sessions, passwords, limits, address, log } = deps;
  const underWay = new Set<Promise<void>>();

  /**
   * What nobody waits for, and of which a failure must not say for whom it was. Whoever asked for it is
   * answered first: what it takes would show whose an address is.
   */
  function later(work: () => Promise<void>): void {
    const working = letOthersGoOn()
      .then(work)
      .catch((error: unknown) => {
        const reason = error instanceof AppError ? error.reason : undefined;
        if (reason) log.warn({ reason }, "a mail was not sent");
        else log.error({ err: error }, "a mail was not sent");
      })
      .finally(() => underWay.delete(working));
    underWay.add(working);
  }

  async function link(purpose: LinkPurpose, target: LinkTarget): Promise<string> {
    const lifetimeMs = lifetimes[purpose];
    const secret = await insertLink(db, { ...target, purpose, lifetimeMs });
    return `${address()}${pages[purpose]}?token=${secret}`;
  }

  /** A link to show that the address is one's own; to who has shown it already, that they have. */
  async function verification(account: StoredAccount, email: string): Promise<Mail> {
    const holder = await findHolder(db, email);
    if (holder?.emailVerified && holder.id !== account.id) {
      const links = { signIn: `${address()}/sign-in`, forgot: `${address()}/forgot-password` };
      return { to: email, ...mailTexts(holder.language).taken(links) };
    }
    const target = { accountId: account.id, email };
    return { to: email, ...mailTexts(account.language).verify(await link("verify", target)) };
  }

  function requireMail(): void {
    if (mailer.way === "unavailable") {
      throw new AppError("MAIL_UNAVAILABLE", "This server can't send mail.");
    }
  }

  return {
    way: mailer.way,

    /** Mails, in the background, to an address that was given for an account. */
    welcome(account: StoredAccount): void {
      const { email } = account;
      if (email === undefined || account.emailVerified || mailer.way === "unavailable") return;
      later(async () => {
        await limits.mail(email);
        await mailer.send(await verification(account, email));
      });
    },

    /** Throws MAIL_UNAVAILABLE and TOO_MANY_REQUESTS. */
    async sendVerification(accountId: string): Promise<void> {
      requireMail();
      const account = await findAccount(db, accountId);
      if (account?.email === undefined || account.emailVerified) return;
      await limits.mail(account.email);
      await mailer.send(await verification(account, account.email));
    },

    /** Throws LINK_INVALID. */
    async verifyEmail(secret: string): Promise<void> {
      const target = await takeLink(db, "verify", secret);
      if (!target || !(await verifyAddress(db, target.accountId, target.email)))
        throw linkInvalid();
    },

    /** Answers at once, and alike for every address. Throws MAIL_UNAVAILABLE, TOO_MANY_REQUESTS. */
    async requestPasswordReset(email: string): Promise<void> {
      requireMail();
      await limits.mail(email);
      later(async () => {
        const holder = await findHolder(db, email);
        if (!holder) return;
        const text = mailTexts(holder.language);
        const url = await link("reset", { accountId: holder.id, email });
        await mailer.send({ to: email, ...text.reset(url) });
      });
    },

    /**
     * Ends every session. Who has the link has the address, too. Throws LINK_INVALID and
     * PASSWORD_WEAK, after which the link may be used again.
     */
    async resetPassword(secret: string, password: string): Promise<void> {
      const target = await findLink(db, "reset", secret);
      const account = target && (await findAccount(db, target.accountId));
      // An address that the account does not have any more opens it no more.
      if (!account || account.removing || account.email !== target.email) throw linkInvalid();
      requireGoodPassword(password, { email: target.email, name: account.name });
      const hash = await passwords.hash(password);
      if (!(await takeLink(db, "reset", secret))) throw linkInvalid();
      await setPasswordHash(db, account.id, hash);
      await deleteLinks(db, account.id, "reset");
      await sessions.endAll(account.id);
      await verifyAddress(db, account.id, target.email);
    },

    /** What was written instead of being sent. Throws PROCEDURE_NOT_FOUND where mail isn't shown. */
    async developmentMail(): Promise<WrittenMail[]> {
      if (mailer.way !== "shown") {
        throw new AppError("PROCEDURE_NOT_FOUND", "There is no such procedure.");
      }
      return await mailer.written();
    },

    /** Removes what was written to the account's address instead of being sent. */
    async erase(accountId: string): Promise<void> {
      const account = await findAccount(db, accountId);
      if (account?.email !== undefined) await mailer.forget(account.email);
    },

    /** Waits for what is under way. */
    async close(): Promise<void> {
      await Promise.all(underWay);
      mailer.close();
    },
  };
}

function linkInvalid(): AppError {
  return new AppError("LINK_INVALID", "This link was used already or has expired.");
}
