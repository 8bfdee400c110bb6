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
import { backoffMs } from "./backoff.ts";
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
  #state: ConnectionState = "idle";
  #token: string | undefined;

  constructor(options: { url: string; token?: string }) {
    this.#token = options.token;
    const http = new URL("/trpc", options.url);
    const socketUrl = new URL(http);
    socketUrl.protocol = http.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = createWSClient({
      url: socketUrl.href,
      connectionParams: () => (this.#token === undefined ? null : { token: this.#token }),
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
            headers: () =>
              this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` },
            fetch: (input, init) => {
              const limit = AbortSignal.timeout(REQUEST_LIMIT_MS);
              const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
              // What a page says while it is being closed still goes out, if it is short.
              const { body } = init ?? {};
              const keepalive = typeof body === "string" && body.length < KEPT_ALIVE_CHARACTERS;
              return fetch(input, { ...init, signal, keepalive, credentials: "include" });
            },
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

  /** From now on requests are this account's, and subscriptions of the one before end. */
  async setToken(token: string | undefined): Promise<void> {
    this.#token = token;
    await this.#socket.close();
  }

  async close(): Promise<void> {
    await this.#socket.close();
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#emitter.emit("state", state);
  }
}
