import type { AccessToken } from "../../shared/account.ts";
import { type ParleyError, toParleyError } from "./parley-error.ts";

/** With less left than this an access token is renewed, while it still serves. */
const RENEW_MS = 120_000;
/** With less left than this it may be refused on its way. */
const SPENT_MS = 15_000;

type Held = { token: string; until: number };

/**
 * What requests and sockets say of who they are from. The session's token, which lasts for weeks, is
 * kept in memory and sent for no more than an access token, which lasts for minutes and goes with
 * everything else. Whoever has no session's token here may have a cookie, which goes by itself.
 */
export class Credentials {
  readonly #trade: (sessionToken: string) => Promise<AccessToken>;
  readonly #now: () => number;
  #session: string | undefined;
  #held: Held | undefined;
  #renewing: Promise<Held | undefined> | undefined;
  /** The server gives no access token for what we have. */
  #sendAsItIs = false;

  /** `trade` rejects like a request does. */
  constructor(
    trade: (sessionToken: string) => Promise<AccessToken>,
    now: () => number = () => Date.now(),
  ) {
    this.#trade = trade;
    this.#now = now;
  }

  setSession(token: string | undefined): void {
    this.#session = token;
    this.#held = undefined;
    this.#renewing = undefined;
    this.#sendAsItIs = false;
  }

  /** What to send now. Never rejects: without an access token there is still the session's. */
  async token(): Promise<string | undefined> {
    const session = this.#session;
    if (session === undefined || this.#sendAsItIs) return session;
    const left = (this.#held?.until ?? 0) - this.#now();
    if (this.#held && left > RENEW_MS) return this.#held.token;
    const renewing = (this.#renewing ??= this.#renew(session));
    if (this.#held && left > SPENT_MS) return this.#held.token;
    return (await renewing)?.token ?? session;
  }

  /** The server did not take it. Gives whether it was an access token, so that there is another try. */
  refused(token: string): boolean {
    if (this.#held?.token !== token) return false;
    this.#held = undefined;
    return true;
  }

  async #renew(session: string): Promise<Held | undefined> {
    try {
      const { token, lifetimeSeconds } = await this.#trade(session);
      const held = { token, until: this.#now() + lifetimeSeconds * 1000 };
      if (this.#session === session) this.#held = held;
      return held;
    } catch (thrown) {
      if (this.#session === session) this.#sendAsItIs = isFinal(toParleyError(thrown));
      return undefined;
    } finally {
      if (this.#session === session) this.#renewing = undefined;
    }
  }
}

/** It has ended, or it is an access token itself. */
function isFinal({ reason }: ParleyError): boolean {
  return reason === "NOT_SIGNED_IN" || reason === "FORBIDDEN";
}
