import { BEFORE_FIRST_MESSAGE, type ChatMessage } from "../../shared/chat.ts";
import { type Page } from "../../shared/page.ts";
import { backoffMs, pause } from "./backoff.ts";
import { type Api } from "./connection.ts";
import { Emitter, type Observable } from "./emitter.ts";
import { ParleyError, toParleyError } from "./parley-error.ts";

export type ChatEvents = {
  /** One that was sent since following began, also by oneself; in order, each once, none missing. */
  message: ChatMessage;
  /** The room's messages can't be followed any more. */
  ended: ParleyError;
};

/** The messages of a room, followed from the moment this is made. */
export interface Chat extends Observable<ChatEvents> {
  readonly roomId: string;
  /**
   * Gives the message as it was stored. Without a network it is tried again for half a minute; a
   * message is stored once, however often it was tried. `clientId` lets a screen recognise its own.
   */
  send(text: string, options?: { clientId?: string; signal?: AbortSignal }): Promise<ChatMessage>;
  /**
   * Messages from before, newest first; `cursor` is the `nextCursor` of the page before. Between the
   * first page and the first `message` nothing is missing, but messages can be in both.
   */
  history(cursor?: string, options?: { limit?: number }): Promise<Page<ChatMessage>>;
  close(): void;
}

const SEND_LIMIT_MS = 30_000;

export function openChat(api: Api, roomId: string): Chat {
  const emitter = new Emitter<ChatEvents>();
  const closing = new AbortController();
  const { signal: closed } = closing;
  const end = (error: ParleyError) => {
    if (!closed.aborted) emitter.emit("ended", error);
  };

  function follow(lastEventId: string): void {
    const subscription = api.chat.onMessage.subscribe(
      { roomId, lastEventId },
      {
        onData: ({ data }) => emitter.emit("message", data),
        onError: (error) => end(toParleyError(error)),
        onComplete: () => end(new ParleyError("NOT_A_MEMBER", "You are not in this room.")),
      },
    );
    closed.addEventListener("abort", () => subscription.unsubscribe());
  }

  /** Where following begins: everything up to there is history, everything after a `message`. */
  async function findNewest(): Promise<string> {
    const { items } = await retrying(
      () => api.chat.history.query({ roomId, limit: 1 }, { signal: closed }),
      closed,
    );
    return items[0]?.id ?? BEFORE_FIRST_MESSAGE;
  }

  const newest = findNewest();
  newest
    .then((messageId) => {
      if (!closed.aborted) follow(messageId);
    })
    .catch((error: unknown) => end(toParleyError(error)));

  return {
    roomId,
    on: (name, listener) => emitter.on(name, listener),

    async send(text, options = {}) {
      const input = { roomId, text, clientId: options.clientId ?? crypto.randomUUID() };
      const limit = AbortSignal.timeout(SEND_LIMIT_MS);
      const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
      return await retrying(() => api.chat.send.mutate(input, { signal }), signal);
    },

    async history(cursor, options = {}) {
      try {
        if (cursor === undefined) await newest;
        return await api.chat.history.query({ roomId, cursor, limit: options.limit });
      } catch (error) {
        throw toParleyError(error);
      }
    },

    close: () => closing.abort(),
  };
}

/** Tries until it succeeds, fails for good, or `signal` aborts. */
async function retrying<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (!error.retryable || signal.aborted) throw error;
      await pause(backoffMs(attempt), signal);
    }
  }
}
