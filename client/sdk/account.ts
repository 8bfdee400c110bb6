import type { z } from "zod";
import type {
  changePasswordInputSchema,
  guestInputSchema,
  loginInputSchema,
  OwnAccount,
  registerInputSchema,
  removeAccountInputSchema,
  SignedIn,
  upgradeInputSchema,
} from "../../shared/account.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Api } from "./connection.ts";
import { toParleyError } from "./parley-error.ts";

/** Who is signed in, and what changes that. Each ends calls and subscriptions of who was before. */
export interface AccountActions {
  /** Makes a guest's account and signs in with it. The session is kept in memory, and by browsers. */
  readonly signIn: (input: z.input<typeof guestInputSchema>) => Promise<OwnAccount>;
  /**
   * Makes an account and signs in with it. It does so too for an address that has an account, which
   * stays its owner's: see the mail.
   */
  readonly register: (input: z.input<typeof registerInputSchema>) => Promise<OwnAccount>;
  /** Rejects with CREDENTIALS_WRONG, and with TOO_MANY_REQUESTS after five failures. */
  readonly logIn: (input: z.input<typeof loginInputSchema>) => Promise<OwnAccount>;
  /** Makes an account of the guest who is signed in, with all that is theirs. */
  readonly upgrade: (input: z.input<typeof upgradeInputSchema>) => Promise<OwnAccount>;
  /** Signs out everywhere else. */
  readonly changePassword: (
    input: z.input<typeof changePasswordInputSchema>,
  ) => Promise<OwnAccount>;
  /** Finds out who the browser's cookie, or the token given, belongs to. Undefined when nobody. */
  readonly restore: () => Promise<OwnAccount | undefined>;
  readonly setLanguage: (language: LanguageTag) => Promise<OwnAccount>;
  readonly signOut: () => Promise<void>;
  /** Erases the account that is signed in. Who has a password must say it. */
  readonly removeAccount: (input?: z.input<typeof removeAccountInputSchema>) => Promise<void>;
}

export type AccountKeeper = AccountActions & { readonly account: OwnAccount | undefined };

/** `enter` makes a session, or none, what requests and subscriptions are of. */
export function createAccountKeeper(deps: {
  api: Api;
  leaveCalls: () => Promise<void>;
  enter: (token: string | undefined) => Promise<void>;
}): AccountKeeper {
  const { api, leaveCalls, enter } = deps;
  let account: OwnAccount | undefined;

  async function begin(signingIn: Promise<SignedIn>): Promise<OwnAccount> {
    const signedIn = await signingIn;
    await leaveCalls();
    await enter(signedIn.token);
    account = signedIn.account;
    return account;
  }

  async function end(): Promise<void> {
    account = undefined;
    await enter(undefined);
  }

  return {
    get account() {
      return account;
    },

    signIn: (input) => begin(api.account.guest.mutate(input)),
    register: (input) => begin(api.account.register.mutate(input)),
    logIn: (input) => begin(api.account.login.mutate(input)),
    upgrade: (input) => begin(api.account.upgrade.mutate(input)),
    changePassword: (input) => begin(api.account.changePassword.mutate(input)),

    async restore() {
      try {
        account = await api.account.me.query();
      } catch (thrown) {
        if (toParleyError(thrown).reason !== "NOT_SIGNED_IN") throw thrown;
        account = undefined;
      }
      return account;
    },

    async setLanguage(language) {
      account = await api.account.setLanguage.mutate({ language });
      return account;
    },

    async signOut() {
      await leaveCalls();
      try {
        await api.account.logout.mutate();
      } catch (thrown) {
        // A session that has ended already is as good as signed out.
        if (toParleyError(thrown).reason !== "NOT_SIGNED_IN") throw thrown;
      }
      await end();
    },

    async removeAccount(input) {
      await api.account.remove.mutate(input);
      await leaveCalls();
      await end();
    },
  };
}
