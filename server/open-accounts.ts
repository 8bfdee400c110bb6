import { join } from "node:path";
import { accessTokenKey, createAccessTokens, withAccessTokens } from "./account/access-tokens.ts";
import { deleteExpiredLinks } from "./account/account-link-store.ts";
import { createAccountMail } from "./account/account-mail.ts";
import type { AccountParts } from "./account/account-router.ts";
import type { StoredAccount } from "./account/account-store.ts";
import { type AccountPorts, createAccounts } from "./account/accounts.ts";
import { createGoogleProvider } from "./account/google-provider.ts";
import { createLuciaSessions } from "./account/lucia-sessions.ts";
import type { OAuthProvider } from "./account/oauth-provider.ts";
import { createProviderSignIn, type ProviderSignIn } from "./account/provider-sign-in.ts";
import type { SessionStore } from "./account/session-store.ts";
import { createSignIn } from "./account/sign-in.ts";
import { createSignInLimits } from "./account/sign-in-limits.ts";
import type { Bus } from "./bus/bus.ts";
import type { Config } from "./config.ts";
import type { Database } from "./database/database.ts";
import type { Closing } from "./kit/closing.ts";
import type { Limiters } from "./kit/limiter.ts";
import type { Log } from "./kit/log.ts";
import type { Passwords } from "./kit/passwords.ts";
import { createMailer } from "./mail/mailer.ts";

/** How often is removed what has expired, and what could not be removed before. */
const CLEANING_MS = 60 * 60 * 1000;

export type AccountDependencies = AccountPorts & {
  db: Database;
  bus: Bus;
  config: Config;
  /** Limits that no setting loosens. */
  limiters: Limiters;
  passwords: Passwords;
  /** Where browsers find this server. */
  address: () => string;
  log: Log;
  closing: Closing;
};

export type OpenAccounts = {
  parts: AccountParts;
  google: OAuthProvider | undefined;
  signInByProvider: ProviderSignIn;
  /** Opens for the tokens of sessions, and for access tokens. */
  sessions: SessionStore;
  /** Sentences about what is missing. */
  notices: string[];
  /** To be called once everything that the ports need is open: removals may have to go on. */
  startCleaning: () => void;
};

/** Puts together what has to do with who people are. */
export function openAccounts(dependencies: AccountDependencies): OpenAccounts {
  const { db, bus, config, limiters, passwords, address, log, closing, ...ports } = dependencies;
  const { accessTokenSecret: secret, dataDirectory: directory } = config;
  const accessTokens = createAccessTokens(accessTokenKey({ secret, directory }));
  const sessions = createLuciaSessions({ db, bus });
  const limits = createSignInLimits(limiters);
  const mailer = createMailer({
    smtpUrl: config.mail.smtpUrl,
    from: config.mail.from,
    directory: config.production ? undefined : join(directory, "mail"),
    log,
  });
  const mail = createAccountMail({ db, mailer, sessions, passwords, limits, address, log });
  closing.add("mail", () => mail.close());
  const onAddressGiven = (account: StoredAccount) => mail.welcome(account);
  const signIn = createSignIn({ db, sessions, passwords, limits, onAddressGiven });
  const google = config.google && createGoogleProvider(config.google);
  const signInByProvider = createProviderSignIn({ db, sessions, open: signIn.open });
  const erasers = [...ports.erasers, (accountId: string) => mail.erase(accountId)];
  const accounts = createAccounts({ ...ports, erasers, db, sessions, accessTokens });

  async function clean(): Promise<void> {
    await sessions.removeExpired();
    await deleteExpiredLinks(db);
    await accounts.resumeRemovals();
  }
  const cleanQuietly = () =>
    void clean().catch((error: unknown) => log.warn({ err: error }, "not cleaned"));
  function startCleaning(): void {
    cleanQuietly();
    const cleaning = setInterval(cleanQuietly, CLEANING_MS);
    closing.add("cleaning", () => clearInterval(cleaning));
  }

  const notices: string[] = [];
  if (mail.way === "unavailable") {
    notices.push("Mail can't be sent: set SMTP_URL and MAIL_FROM. Nobody can reset a password.");
  } else if (mail.way === "sent" && config.publicUrl === undefined) {
    notices.push("PUBLIC_URL is not set: links in mails lead to this machine's own address.");
  }
  if (config.redisUrl !== undefined && secret === undefined) {
    notices.push(
      "ACCESS_TOKEN_SECRET is not set: other nodes don't take this one's access tokens.",
    );
  }
  return {
    parts: { accounts, signIn, mail, hasGoogle: google !== undefined },
    google,
    signInByProvider,
    sessions: withAccessTokens(sessions, accessTokens),
    notices,
    startCleaning,
  };
}
