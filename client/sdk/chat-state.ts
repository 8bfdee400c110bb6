import {
  type ChatEvent,
  type ChatHistory,
  type ChatMessage,
  type HistoryMessage,
  type MessageTranslation,
  QUOTE_LIMIT,
} from "../../shared/chat.ts";
import { type LanguageTag, sameLanguage } from "../../shared/language.ts";
import type { ParleyError } from "./parley-error.ts";

/** A message that was written here, and that the server has not acknowledged. */
export type OutgoingMessage = {
  clientId: string;
  text: string;
  /** Ids of uploads. */
  attachments: readonly string[];
  replyTo?: string;
  state: "sending" | "failed";
  /** Why it failed. */
  error?: ParleyError;
};

/** A chat at one moment. Never changed in place: each change makes a new one. */
export type ChatState = {
  /** Some of the room's messages that follow each other without a gap, the oldest first. */
  messages: readonly HistoryMessage[];
  /** What was written here and isn't among the messages yet, the oldest first. */
  outgoing: readonly OutgoingMessage[];
  /** False until the first page has come. */
  loaded: boolean;
  /** There are older messages than those. */
  hasOlder: boolean;
  /** There are newer ones: the list isn't at the end of the conversation. */
  hasNewer: boolean;
  /** How far people have read: ids of messages by account. */
  reads: ReadonlyMap<string, string>;
  /** Accounts that type at this moment, perhaps one's own. */
  typing: readonly string[];
};

export const emptyChatState: ChatState = {
  messages: [],
  outgoing: [],
  loaded: false,
  hasOlder: false,
  hasNewer: false,
  reads: new Map(),
  typing: [],
};

/** A page in place of all that was there. */
export function withPage(state: ChatState, page: ChatHistory): ChatState {
  return {
    ...withoutSent(state, page.items),
    messages: page.items.toReversed(),
    loaded: true,
    hasOlder: page.olderCursor !== undefined,
    hasNewer: page.newerCursor !== undefined,
  };
}

export function withOlder(state: ChatState, page: ChatHistory): ChatState {
  const known = new Set(state.messages.map(({ id }) => id));
  const older = page.items.toReversed().filter(({ id }) => !known.has(id));
  return {
    ...state,
    messages: [...older, ...state.messages],
    hasOlder: page.olderCursor !== undefined,
  };
}

export function withNewer(state: ChatState, page: ChatHistory): ChatState {
  const next = page.items.toReversed().reduce(withMessage, { ...state, hasNewer: false });
  return { ...next, hasNewer: page.newerCursor !== undefined };
}

/**
 * One that came or changed. What is newer than the list goes to its end, unless something is missing
 * in between; what is older than the list isn't shown.
 */
export function withMessage(state: ChatState, message: HistoryMessage): ChatState {
  const next = withoutSent(state, [message]);
  const index = next.messages.findIndex(({ id }) => id >= message.id);
  const known = next.messages[index];
  if (known?.id === message.id) {
    if (known.version >= message.version) return next;
    return withQuotes({ ...next, messages: next.messages.with(index, merged(known, message)) });
  }
  if (index >= 0) {
    if (index === 0 && next.hasOlder) return next;
    return { ...next, messages: next.messages.toSpliced(index, 0, message) };
  }
  if (next.hasNewer) return next;
  return { ...next, messages: [...next.messages, message] };
}

/** A translation is of one edition of a text: of another one it says nothing. */
export function withTranslation(state: ChatState, event: MessageTranslation): ChatState {
  const { messageId, ...translation } = event;
  const index = state.messages.findIndex(({ id }) => id === messageId);
  const message = state.messages[index];
  if (!message || message.edition !== translation.edition) return state;
  const isLess = translation.state !== "done" && message.translation?.state === "done";
  if (isLess && message.translation?.language === translation.language) return state;
  return { ...state, messages: state.messages.with(index, { ...message, translation }) };
}

/** For readers of another language, or of the originals alone. */
export function withoutTranslations(state: ChatState): ChatState {
  const original = (message: HistoryMessage): HistoryMessage => {
    const { translation, ...rest } = message;
    return translation ? rest : message;
  };
  return { ...state, messages: state.messages.map(original) };
}

/** Messages that lack a translation into a language. */
export function untranslated(state: ChatState, language: LanguageTag): string[] {
  return state.messages
    .filter((message) => {
      const { text, translation } = message;
      const isThere = translation?.language === language && translation.state !== "pending";
      return text !== "" && !isThere && !sameLanguage(message.language, language);
    })
    .map(({ id }) => id);
}

export function withOutgoing(state: ChatState, message: OutgoingMessage): ChatState {
  const index = state.outgoing.findIndex(({ clientId }) => clientId === message.clientId);
  const outgoing = index < 0 ? [...state.outgoing, message] : state.outgoing.with(index, message);
  return { ...state, outgoing };
}

export function withoutOutgoing(state: ChatState, clientId: string): ChatState {
  const outgoing = state.outgoing.filter((message) => message.clientId !== clientId);
  return outgoing.length === state.outgoing.length ? state : { ...state, outgoing };
}

export function withEvent(state: ChatState, event: ChatEvent): ChatState {
  switch (event.type) {
    case "snapshot":
      return {
        ...state,
        reads: new Map(event.reads.map(({ accountId, messageId }) => [accountId, messageId])),
        typing: event.typing,
      };
    case "read": {
      const { accountId, messageId } = event;
      // Of what happened at once, and around a snapshot, the older may be told last.
      if ((state.reads.get(accountId) ?? "") >= messageId) return state;
      return { ...state, reads: new Map(state.reads).set(accountId, messageId) };
    }
    case "typing": {
      const others = state.typing.filter((accountId) => accountId !== event.accountId);
      return { ...state, typing: event.typing ? [...others, event.accountId] : others };
    }
  }
}

/** What has arrived isn't on its way any more. */
function withoutSent(state: ChatState, messages: readonly ChatMessage[]): ChatState {
  return messages.reduce((next, { clientId }) => withoutOutgoing(next, clientId), state);
}

/** The newer state of a message, with the translation of its text that is known. */
function merged(known: HistoryMessage, message: HistoryMessage): HistoryMessage {
  const { translation } = known;
  const isStill = translation !== undefined && translation.edition === message.edition;
  return { ...(isStill && message.text !== "" && { translation }), ...message };
}

/** Lets answers quote what they answer as it is now. */
function withQuotes(state: ChatState): ChatState {
  const byId = new Map(state.messages.map((message) => [message.id, message]));
  const messages = state.messages.map((message) => {
    const { replyTo } = message;
    const quoted = replyTo && byId.get(replyTo.id);
    if (!replyTo || !quoted) return message;
    const removed = quoted.removedAt !== undefined;
    const text = Array.from(quoted.text).slice(0, QUOTE_LIMIT).join("");
    if (removed === replyTo.removed && text === replyTo.text) return message;
    return { ...message, replyTo: { id: quoted.id, author: quoted.author, text, removed } };
  });
  return { ...state, messages };
}
