import { type ChatMessage } from "../../../../shared/chat.ts";

/** A message that was written here and isn't stored yet. */
export type OutgoingMessage = { clientId: string; text: string; state: "sending" | "failed" };

export type ChatList = {
  /** Oldest first, each once. */
  messages: readonly ChatMessage[];
  outgoing: readonly OutgoingMessage[];
};

export const emptyChatList: ChatList = { messages: [], outgoing: [] };

export type ChatAction =
  /** Messages from the server, in any order, also such as are known. */
  | { type: "stored"; messages: readonly ChatMessage[] }
  /** One is being sent, for the first time or again. */
  | { type: "sending"; clientId: string; text: string }
  | { type: "failed"; clientId: string };

export function reduceChat(list: ChatList, action: ChatAction): ChatList {
  switch (action.type) {
    case "stored": {
      const byId = new Map([...list.messages, ...action.messages].map((one) => [one.id, one]));
      const stored = new Set(action.messages.map(({ clientId }) => clientId));
      return {
        messages: Array.from(byId.values()).sort(
          (a, b) => compare(a.sentAt, b.sentAt) || compare(a.id, b.id),
        ),
        outgoing: list.outgoing.filter(({ clientId }) => !stored.has(clientId)),
      };
    }
    case "sending": {
      const { clientId, text } = action;
      const others = list.outgoing.filter((message) => message.clientId !== clientId);
      return { ...list, outgoing: [...others, { clientId, text, state: "sending" }] };
    }
    case "failed":
      return {
        ...list,
        outgoing: list.outgoing.map((message) =>
          message.clientId === action.clientId ? { ...message, state: "failed" } : message,
        ),
      };
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
