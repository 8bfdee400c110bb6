import { guestInputSchema, setLanguageInputSchema } from "../../shared/account.ts";
import { publicProcedure, router, signedInProcedure } from "../kit/procedures.ts";
import { type Accounts } from "./accounts.ts";

export const SESSION_COOKIE = "parley_session";

export function createAccountRouter(accounts: Accounts) {
  return router({
    /** A new account that needs no more than a name. Over HTTP it also sets the session's cookie. */
    guest: publicProcedure.input(guestInputSchema).mutation(async ({ ctx, input }) => {
      const signedIn = await accounts.guest(input);
      const { token: value, expiresAt } = signedIn;
      ctx.setCookie?.({ name: SESSION_COOKIE, value, expires: new Date(expiresAt) });
      return signedIn;
    }),

    me: signedInProcedure.query(({ ctx }) => accounts.me(ctx.caller.accountId)),

    setLanguage: signedInProcedure
      .input(setLanguageInputSchema)
      .mutation(({ ctx, input }) => accounts.setLanguage(ctx.caller.accountId, input.language)),

    /** Ends the session; sockets that were opened with it close. */
    logout: signedInProcedure.mutation(async ({ ctx }) => {
      await accounts.logout(ctx.caller.sessionId);
      ctx.setCookie?.({ name: SESSION_COOKIE, value: "", expires: new Date(0) });
    }),
  });
}
