import type { Procedure } from "../../shared/permission.ts";
import type { Limit, Limiters } from "../kit/limiter.ts";
import type { Caller } from "../kit/procedures.ts";

/** All calls of one account, on all its devices; and of whoever comes from one network. */
const everything = {
  account: { points: 1000, seconds: 10 },
  // An office or a school is one network.
  network: { points: 10_000, seconds: 10 },
} satisfies Record<string, Limit>;

/** Besides: what costs more than others, or what machines like to do. Per account, else per network. */
const special: { readonly [Path in Procedure]?: Limit } = {
  "account.guest": { points: 1200, seconds: 600 },
  "account.register": { points: 1200, seconds: 600 },
  // Besides what is counted of failures: see sign-in-limits.ts.
  "account.login": { points: 1200, seconds: 600 },
  "account.requestPasswordReset": { points: 60, seconds: 600 },
  "account.sendVerification": { points: 10, seconds: 600 },
  "account.verifyEmail": { points: 60, seconds: 600 },
  "account.resetPassword": { points: 60, seconds: 600 },
  // Each takes a place among the few that hash passwords, which everyone needs to sign in.
  "account.upgrade": { points: 30, seconds: 600 },
  "account.changePassword": { points: 30, seconds: 600 },
  "room.create": { points: 120, seconds: 600 },
  "room.join": { points: 120, seconds: 60 },
  "upload.create": { points: 120, seconds: 60 },
  // Each reads all that was said in a room, or has it translated anew.
  "call.exportCaptions": { points: 60, seconds: 60 },
  "call.correctCaption": { points: 60, seconds: 60 },
  "call.searchCaptions": { points: 50, seconds: 10 },
  // Everyone in the room is told.
  "chat.send": { points: 100, seconds: 10 },
  "chat.edit": { points: 100, seconds: 10 },
  "chat.react": { points: 100, seconds: 10 },
  "chat.typing": { points: 100, seconds: 10 },
  "chat.search": { points: 50, seconds: 10 },
  "chat.translations": { points: 100, seconds: 10 },
  // Of a hundred rooms at once.
  "chat.unread": { points: 50, seconds: 10 },
};

/** Counts a call, and throws TOO_MANY_REQUESTS when it is one too many. */
export type RateLimits = (
  path: string,
  from: { caller?: Caller | undefined; network: string },
) => Promise<void>;

/** Each call counts by itself, also in a batch and on a socket. */
export function createRateLimits(limiters: Limiters): RateLimits {
  const perAccount = limiters("calls:account", everything.account);
  const perNetwork = limiters("calls:network", everything.network);
  const perProcedure = new Map(
    Object.entries(special).map(([path, limit]) => [path, limiters(path, limit)]),
  );
  return async (path, { caller, network }) => {
    await perNetwork.consume(network);
    if (caller) await perAccount.consume(caller.accountId);
    await perProcedure.get(path)?.consume(caller?.accountId ?? network);
  };
}
