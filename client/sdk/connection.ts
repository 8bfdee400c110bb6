import {
  createTRPCClient,
  createWSClient,
  httpLink,
  retryLink,
  splitLink,
  type TRPCClient,
  wsLink,
} from "@trpc/client";
// Without braces: with them, builds would keep the import itself, and the whole server with it.
import type { AppRouter } from "../../server/app-router.ts";
import { z } from "zod";
import type { AccessToken } from "../../shared/account.ts";
import { backoffMs } from "./backoff.ts";
import { Credentials } from "./credentials.ts";
import { Emitter, type Observable } from "./emitter.ts";
import { createImpatientSocket } from "./impatient-socket.ts";
import { toParleyError } from "./parley-error.ts";

export type Api = TRPCClient<AppRouter>;

/** Of the socket that brings events. `idle`: nothing is subscribed to, so there is none. */
export type ConnectionState = "idle" | "connecting" | "connected" | "reconnecting";

export type ConnectionEvents = { state: ConnectionState };

export interface Connection extends Observable<ConnectionEvents> {
  readonly state: ConnectionState;
}

/** A request that takes longer has failed: the network is gone without having said so. */
const REQUEST_LIMIT_MS = 15_000;

/** Browsers keep 64 KiB alive in all. */
const KEPT_ALIVE_CHARACTERS = 1000;

/** A socket that nothing is subscribed over is closed after this. */
const IDLE_SOCKET_MS = 10_000;

/** The one way to the server: requests over HTTP, events over one socket, opened when needed. */
export class ServerConnection implements Connection {
  readonly api: Api;
  readonly #emitter = new Emitter<ConnectionEvents>();
  readonly #socket: ReturnType<typeof createWSClient>;
  readonly #credentials: Credentials;
  #state: ConnectionState = "idle";

  constructor(options: { url: string; token?: string }) {
    const http = new URL("/trpc", options.url);
    this.#credentials = new Credentials((token) => trade(http, token));
    this.#credentials.setSession(options.token);
    const socketUrl = new URL(http);
    socketUrl.protocol = http.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = createWSClient({
      url: socketUrl.href,
      // A socket lasts as long as the session, though the token that opened it does not.
      connectionParams: async () => {
        const token = await this.#credentials.token();
        return token === undefined ? null : { token };
      },
      lazy: { enabled: true, closeMs: IDLE_SOCKET_MS },
      // A cut is noticed within four seconds.
      keepAlive: { enabled: true, intervalMs: 2000, pongTimeoutMs: 2000 },
      WebSocket: createImpatientSocket(),
      retryDelayMs: (attempt) => backoffMs(attempt),
    });
    this.#socket.connectionState.subscribe({
      next: ({ state, error }) => {
        if (state === "connecting") this.#setState(error ? "reconnecting" : "connecting");
        else this.#setState(state === "pending" ? "connected" : "idle");
      },
    });
    this.api = createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ type }) => type === "subscription",
          true: [
            // A socket that was lost is not what this is about: the one below outlives that.
            retryLink({
              retry: ({ error }) => toParleyError(error).retryable,
              retryDelayMs: (attempt) => backoffMs(attempt),
            }),
            wsLink({ client: this.#socket }),
          ],
          false: httpLink({
            url: http,
            fetch: (input, init) => this.#fetch(input, init),
          }),
        }),
      ],
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  on<Name extends keyof ConnectionEvents>(
    name: Name,
    listener: (event: ConnectionEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /** What requests that the API does not know of, such as uploads, say of who they are from. */
  token(): Promise<string | undefined> {
    return this.#credentials.token();
  }

  /** From now on requests are this account's, and subscriptions of the one before end. */
  async setToken(token: string | undefined): Promise<void> {
    this.#credentials.setSession(token);
    await this.#socket.close();
  }

  async close(): Promise<void> {
    await this.#socket.close();
  }

  /** Sends a request with what says who it is from; once more when that was not taken. */
  async #fetch(input: RequestInfo | URL | string, init?: RequestInit): Promise<Response> {
    const token = await this.#credentials.token();
    const answer = await fetchWithin(input, authorised(init, token));
    if (answer.status !== 401 || token === undefined) return answer;
    const { error } = refusalSchema.parse(
      await answer
        .clone()
        .json()
        .catch(() => ({})),
    );
    const again = error?.data.reason === "NOT_SIGNED_IN" && this.#credentials.refused(token);
    if (!again) return answer;
    return await fetchWithin(input, authorised(init, await this.#credentials.token()));
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#emitter.emit("state", state);
  }
}

const refusalSchema = z
  .object({ error: z.object({ data: z.object({ reason: z.string() }) }).optional() })
  .catch({});

/** Buys an access token with the token of a session. */
async function trade(url: URL, token: string): Promise<AccessToken> {
  const once = createTRPCClient<AppRouter>({
    links: [httpLink({ url, fetch: (input, init) => fetchWithin(input, authorised(init, token)) })],
  });
  return await once.account.token.query();
}

function authorised(init: RequestInit | undefined, token: string | undefined): RequestInit {
  const headers = new Headers(init?.headers);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  return { ...init, headers };
}

/** A request that is given up when no answer comes. */
function fetchWithin(input: RequestInfo | URL | string, init: RequestInit): Promise<Response> {
  const limit = AbortSignal.timeout(REQUEST_LIMIT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
  // What a page says while it is being closed still goes out, if it is short.
  const { body } = init;
  const keepalive = typeof body === "string" && body.length < KEPT_ALIVE_CHARACTERS;
  return fetch(input, { ...init, signal, keepalive, credentials: "include" });
}
