import {
  type AccountProviders,
  changePasswordInputSchema,
  guestInputSchema,
  loginInputSchema,
  registerInputSchema,
  removeAccountInputSchema,
  renameInputSchema,
  requestPasswordResetInputSchema,
  resetPasswordInputSchema,
  revokeSessionInputSchema,
  setAvatarInputSchema,
  setLanguageInputSchema,
  setPreferencesInputSchema,
  type SignedIn,
  upgradeInputSchema,
  verifyEmailInputSchema,
} from "../../shared/account.ts";
import { pageInputSchema } from "../../shared/page.ts";
import { type Context, publicProcedure, router, signedInProcedure } from "../kit/procedures.ts";
import { AppError } from "../kit/errors.ts";
import type { AccountMail } from "./account-mail.ts";
import type { Accounts } from "./accounts.ts";
import type { SignIn } from "./sign-in.ts";

export const SESSION_COOKIE = "parley_session";

export type AccountParts = {
  accounts: Accounts;
  signIn: SignIn;
  mail: AccountMail;
  /** Whether one can sign in by way of Google. */
  hasGoogle: boolean;
};

/** Whatever begins or ends a session sets the cookie over HTTP, or clears it. */
export function createAccountRouter({ accounts, signIn, mail, hasGoogle }: AccountParts) {
  return router({
    /** A new account that needs no more than a name. */
    guest: publicProcedure
      .input(guestInputSchema)
      .mutation(async ({ ctx, input }) => withCookie(ctx, await signIn.guest(input, ctx))),

    /** A new account. The answer is alike for an address that has one already: see sign-in.ts. */
    register: publicProcedure
      .input(registerInputSchema)
      .mutation(async ({ ctx, input }) => withCookie(ctx, await signIn.register(input, ctx))),

    login: publicProcedure
      .input(loginInputSchema)
      .mutation(async ({ ctx, input }) => withCookie(ctx, await signIn.login(input, ctx))),

    /** Makes an account of a guest, who keeps all that is theirs. */
    upgrade: signedInProcedure
      .input(upgradeInputSchema)
      .mutation(async ({ ctx, input }) =>
        withCookie(ctx, await signIn.upgrade(ctx.caller.accountId, input, ctx)),
      ),

    /** Ends every session of the account, and begins a new one. */
    changePassword: signedInProcedure
      .input(changePasswordInputSchema)
      .mutation(async ({ ctx, input }) =>
        withCookie(ctx, await signIn.changePassword(ctx.caller.accountId, input, ctx)),
      ),

    /** Ends the session; sockets that were opened with it close. */
    logout: signedInProcedure.mutation(async ({ ctx }) => {
      await accounts.logout(ctx.caller.sessionId);
      clearCookie(ctx);
    }),

    /** Erases the account and all that is its own. Who has a password must say it. */
    remove: signedInProcedure.input(removeAccountInputSchema).mutation(async ({ ctx, input }) => {
      const { accountId } = ctx.caller;
      await signIn.requirePassword(accountId, input?.password);
      await accounts.remove(accountId);
      clearCookie(ctx);
    }),

    /** Mails a link by which the owner shows that the address is theirs. */
    sendVerification: signedInProcedure.mutation(({ ctx }) =>
      mail.sendVerification(ctx.caller.accountId),
    ),

    verifyEmail: publicProcedure
      .input(verifyEmailInputSchema)
      .mutation(({ input }) => mail.verifyEmail(input.token)),

    /** Mails a link for a new password, if the address has an account. The answer doesn't tell. */
    requestPasswordReset: publicProcedure
      .input(requestPasswordResetInputSchema)
      .mutation(({ input }) => mail.requestPasswordReset(input.email)),

    /** Ends every session of the account. */
    resetPassword: publicProcedure
      .input(resetPasswordInputSchema)
      .mutation(({ input }) => mail.resetPassword(input.token, input.password)),

    /** Which ways of signing in there are here, and what becomes of mail. */
    providers: publicProcedure.query((): AccountProviders => ({
      google: hasGoogle,
      mail: mail.way,
    })),

    /** Mail that a server under development shows to whoever sits at the same machine. */
    developmentMail: publicProcedure.query(async ({ ctx }) => {
      const mails = await mail.developmentMail();
      if (!ctx.local) throw new AppError("FORBIDDEN", "Only this machine may read it.");
      return mails;
    }),

    me: signedInProcedure.query(({ ctx }) => accounts.me(ctx.caller.accountId)),

    /** A token of ten minutes. It takes the session's own token or the cookie to get one. */
    token: signedInProcedure.query(({ ctx }) => accounts.token(ctx.caller)),

    /** Where the account is signed in, the place that was used last first. */
    sessions: signedInProcedure.query(({ ctx }) => accounts.sessions(ctx.caller)),

    revokeSession: signedInProcedure
      .input(revokeSessionInputSchema)
      .mutation(({ ctx, input }) => accounts.revokeSession(ctx.caller.accountId, input.sessionId)),

    rename: signedInProcedure
      .input(renameInputSchema)
      .mutation(({ ctx, input }) => accounts.rename(ctx.caller.accountId, input.name)),

    setLanguage: signedInProcedure
      .input(setLanguageInputSchema)
      .mutation(({ ctx, input }) => accounts.setLanguage(ctx.caller.accountId, input.language)),

    setPreferences: signedInProcedure
      .input(setPreferencesInputSchema)
      .mutation(({ ctx, input }) => accounts.setPreferences(ctx.caller.accountId, input)),

    setAvatar: signedInProcedure
      .input(setAvatarInputSchema)
      .mutation(({ ctx, input }) => accounts.setAvatar(ctx.caller.accountId, input.uploadId)),

    /** The rooms that the account is a member of. */
    rooms: signedInProcedure
      .input(pageInputSchema)
      .query(({ ctx, input }) => accounts.rooms(ctx.caller.accountId, input)),
  });
}

function withCookie(ctx: Context, signedIn: SignedIn): SignedIn {
  const { token: value, expiresAt } = signedIn;
  ctx.setCookie?.({ name: SESSION_COOKIE, value, expires: new Date(expiresAt) });
  return signedIn;
}

function clearCookie(ctx: Context): void {
  ctx.setCookie?.({ name: SESSION_COOKIE, value: "", expires: new Date(0) });
}
