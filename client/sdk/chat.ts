import {
  type ChatEvent,
  type ChatHistory,
  type ChatMessage,
  type FoundMessage,
  type MessageTranslation,
  TYPING_MS,
} from "../../shared/chat.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Page } from "../../shared/page.ts";
import { backoffMs, pause } from "./backoff.ts";
import {
  type ChatState,
  emptyChatState,
  type OutgoingMessage,
  untranslated,
  withEvent,
  withMessage,
  withNewer,
  withOlder,
  withOutgoing,
  withoutOutgoing,
  withoutTranslations,
  withPage,
  withTranslation,
} from "./chat-state.ts";
import type { Api } from "./connection.ts";
import { Emitter, type Observable } from "./emitter.ts";
import { keepFollowing } from "./keep-following.ts";
import { ParleyError, toParleyError } from "./parley-error.ts";
import { createReadMark } from "./read-mark.ts";

export type { ChatState, OutgoingMessage } from "./chat-state.ts";

export type ChatEvents = {
  /**
   * One that came or changed since following began, also by oneself; in order, none missing. One whose
   * `version` is its `id` has just come.
   */
  message: ChatMessage;
  /** After each change: all that is known of the chat, a new object each time. */
  state: ChatState;
  /** The room's messages can't be followed any more. */
  ended: ParleyError;
};

export type SendOptions = {
  /** Ids of uploads of one's own into this room. */
  attachments?: readonly string[];
  /** Id of a message of this room. */
  replyTo?: string;
  /** Of a message that failed: it is sent again, and stored once. */
  clientId?: string;
  signal?: AbortSignal;
};

/** The messages of a room, followed from the moment this is made. */
export interface Chat extends Observable<ChatEvents> {
  readonly roomId: string;
  readonly state: ChatState;
  /**
   * Gives the message as it was stored. Meanwhile it is in `state.outgoing`. Without a network it is
   * tried again for half a minute; a message is stored once, however often it was tried.
   */
  send(text: string, options?: SendOptions): Promise<ChatMessage>;
  /** Takes a message that could not be sent off the list. */
  discard(clientId: string): void;
  edit(messageId: string, text: string): Promise<ChatMessage>;
  remove(messageId: string): Promise<ChatMessage>;
  react(messageId: string, emoji: string, on: boolean): Promise<ChatMessage>;
  /** Says that everything has been read up to a message, or to the newest of the list. */
  markRead(messageId?: string): Promise<void>;
  /** To be called with each key: it is said as often as it has to be. `false` when nothing is left. */
  setTyping(typing: boolean): void;
  /** Adds a page of older messages to the list, if there are any. */
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Shows the messages around one, such as one that was found. */
  showAround(messageId: string): Promise<void>;
  showNewest(): Promise<void>;
  search(text: string, options?: { cursor?: string; limit?: number }): Promise<Page<FoundMessage>>;
  /** The language to translate into, from now on; undefined for the originals alone. */
  setRead(language: LanguageTag | undefined): void;
  /**
   * Messages from before, newest first; `cursor` is the `nextCursor` of the page before. Between the
   * first page and the first `message` nothing is missing, but messages can be in both.
   */
  history(cursor?: string, options?: { limit?: number }): Promise<ChatHistory>;
  close(): void;
}

const SEND_LIMIT_MS = 30_000;
const PAGE = 30;
/** Messages whose translations are asked for at once. */
const TRANSLATIONS = 100;

export function openChat(
  api: Api,
  roomId: string,
  options: { read?: LanguageTag | undefined } = {},
): Chat {
  const emitter = new Emitter<ChatEvents>();
  const closing = new AbortController();
  const { signal: closed } = closing;
  let state = emptyChatState;
  let read = options.read;
  let translating = new AbortController();
  let typedAt = Number.NEGATIVE_INFINITY;
  const markRead = createReadMark(
    (messageId) => api.chat.markRead.mutate({ roomId, messageId }),
    closed,
  );
  /** Messages that come while a page is on its way, which may not hold them yet. */
  const arriving = new Set<ChatMessage[]>();

  function change(next: ChatState): void {
    if (next === state || closed.aborted) return;
    state = next;
    emitter.emit("state", state);
  }

  function end(error = new ParleyError("NOT_A_MEMBER", "You are not in this room.")): void {
    if (!closed.aborted) emitter.emit("ended", error);
  }

  function take(message: ChatMessage): void {
    for (const waiting of arriving) waiting.push(message);
    change(withMessage(state, message));
  }

  type PageInput = { cursor?: string; around?: string; direction?: "before" | "after" };

  /** Reads a page, and puts it into the state, with what happened while it was on its way. */
  async function load(input: PageInput, put: typeof withPage): Promise<ChatHistory> {
    const since: ChatMessage[] = [];
    arriving.add(since);
    try {
      const asked = { roomId, limit: PAGE, read, ...input };
      const page = await retrying(() => api.chat.history.query(asked, { signal: closed }), closed);
      // In another language now: what was translated would stay as it is.
      if (asked.read !== read) return await load(input, put);
      change(since.reduce(withMessage, put(state, page)));
      return page;
    } finally {
      arriving.delete(since);
    }
  }

  function follow(lastEventId: string): void {
    keepFollowing<ChatMessage>({
      open: (lastEventId, handlers) =>
        api.chat.onMessage.subscribe({ roomId, lastEventId }, handlers),
      lastEventId,
      signal: closed,
      onData(message) {
        take(message);
        emitter.emit("message", message);
      },
      onEnd: end,
    });
    keepFollowing<ChatEvent>({
      open: (lastEventId, handlers) =>
        api.chat.onEvent.subscribe({ roomId, lastEventId }, handlers),
      signal: closed,
      onData: (event) => change(withEvent(state, event)),
    });
  }

  /** Translations come by themselves from here on; of what came before they are asked for. */
  function translate(language: LanguageTag, signal: AbortSignal): void {
    keepFollowing<MessageTranslation>({
      open: (lastEventId, handlers) =>
        api.chat.onTranslation.subscribe({ roomId, read: language, lastEventId }, handlers),
      signal,
      onData: (event) => change(withTranslation(state, event)),
      onStarted: () => void askForTranslations(language, signal),
    });
  }

  /** Once there is something to translate. */
  function startTranslating(language: LanguageTag): void {
    const signal = AbortSignal.any([translating.signal, closed]);
    const start = () => {
      if (!signal.aborted) translate(language, signal);
    };
    first.then(start, () => undefined);
  }

  async function askForTranslations(language: LanguageTag, signal: AbortSignal): Promise<void> {
    const messageIds = untranslated(state, language).slice(-TRANSLATIONS);
    if (messageIds.length === 0) return;
    const ask = () =>
      api.chat.translations.query({ roomId, messageIds, read: language }, { signal });
    // What can't be translated at the moment is shown as it was written.
    const found = await retrying(ask, signal).catch(() => []);
    if (!signal.aborted) change(found.reduce(withTranslation, state));
  }

  const first = load({}, withPage);
  first
    .then(({ position }) => {
      if (closed.aborted) return;
      follow(position);
    })
    .catch((error: unknown) => end(toParleyError(error)));
  if (read !== undefined) startTranslating(read);

  /** The cursor of either end of the list, which every page of it gives. */
  let cursors: { older?: string | undefined; newer?: string | undefined } = {};
  const keepCursors = (page: ChatHistory) => {
    cursors = { older: page.olderCursor, newer: page.newerCursor };
  };
  first.then(keepCursors, () => undefined);

  let loading: Promise<unknown> = first.catch(() => undefined);
  /** One page after another: each begins where the one before ended. */
  async function next(work: () => Promise<void>): Promise<void> {
    const turn = loading.then(work);
    loading = turn.catch(() => undefined);
    try {
      await turn;
    } catch (error) {
      throw toParleyError(error);
    }
  }

  return {
    roomId,
    get state() {
      return state;
    },
    on: (name, listener) => emitter.on(name, listener),

    async send(text, sending = {}) {
      const { attachments = [], replyTo, clientId = crypto.randomUUID() } = sending;
      const outgoing: OutgoingMessage = {
        clientId,
        text: text.trim(),
        attachments,
        ...(replyTo !== undefined && { replyTo }),
        state: "sending",
      };
      const input = { roomId, text, attachments: attachments.slice(), replyTo, clientId };
      const limit = AbortSignal.timeout(SEND_LIMIT_MS);
      const signal = sending.signal ? AbortSignal.any([sending.signal, limit]) : limit;
      typedAt = Number.NEGATIVE_INFINITY;
      change(withOutgoing(state, outgoing));
      try {
        const sent = await retrying(() => api.chat.send.mutate(input, { signal }), signal);
        take(sent);
        return sent;
      } catch (thrown) {
        const error = toParleyError(thrown);
        // It may have arrived all the same, and its acknowledgement been lost.
        const waits = state.outgoing.some((message) => message.clientId === clientId);
        if (waits) change(withOutgoing(state, { ...outgoing, state: "failed", error }));
        throw error;
      }
    },

    discard: (clientId) => change(withoutOutgoing(state, clientId)),
    edit: (messageId, text) => changed(api.chat.edit.mutate({ messageId, text })),
    remove: (messageId) => changed(api.chat.remove.mutate({ messageId })),
    react: (messageId, emoji, on) => changed(api.chat.react.mutate({ messageId, emoji, on })),

    async markRead(messageId = state.messages.at(-1)?.id) {
      if (messageId !== undefined) await reporting(markRead(messageId));
    },

    setTyping(typing) {
      const now = performance.now();
      const never = Number.NEGATIVE_INFINITY;
      if (typing ? now - typedAt < TYPING_MS / 2 : typedAt === never) return;
      typedAt = typing ? now : never;
      // Whether it is heard doesn't matter to whoever types.
      void api.chat.typing.mutate({ roomId, typing }).catch(() => undefined);
    },

    loadOlder: () =>
      next(async () => {
        if (cursors.older === undefined) return;
        const page = await load({ cursor: cursors.older }, withOlder);
        cursors.older = page.olderCursor;
      }),

    loadNewer: () =>
      next(async () => {
        if (cursors.newer === undefined) return;
        const page = await load({ cursor: cursors.newer, direction: "after" }, withNewer);
        cursors.newer = page.newerCursor;
      }),

    showAround: (messageId) =>
      next(async () => keepCursors(await load({ around: messageId }, withPage))),

    showNewest: () =>
      next(async () => {
        if (state.hasNewer) keepCursors(await load({}, withPage));
      }),

    search: (text, paging = {}) => reporting(api.chat.search.query({ roomId, text, ...paging })),

    setRead(language) {
      if (language === read) return;
      read = language;
      translating.abort();
      translating = new AbortController();
      change(withoutTranslations(state));
      if (language !== undefined) startTranslating(language);
    },

    async history(cursor, paging = {}) {
      if (cursor === undefined) await reporting(first);
      return reporting(api.chat.history.query({ roomId, cursor, limit: paging.limit }));
    },

    close: () => closing.abort(),
  };

  /** What one changes is seen at once. The event that follows says the same. */
  async function changed(request: Promise<ChatMessage>): Promise<ChatMessage> {
    const message = await reporting(request);
    take(message);
    return message;
  }
}

/** What a request fails with becomes a ParleyError. */
async function reporting<Result>(request: Promise<Result>): Promise<Result> {
  try {
    return await request;
  } catch (error) {
    throw toParleyError(error);
  }
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
