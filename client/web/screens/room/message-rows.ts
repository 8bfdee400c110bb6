import type { HistoryMessage } from "../../../../shared/chat.ts";

/** Somebody who wrote several messages within this is named once. */
const TOGETHER_MS = 5 * 60 * 1000;

export type MessageRow =
  /** What follows was sent on another day, by the reader's clock. */
  | { kind: "day"; key: string; at: string }
  /** What follows had not been read. */
  | { kind: "new"; key: string }
  | {
      kind: "message";
      key: string;
      message: HistoryMessage;
      /** The same person wrote just before: their name stands there already. */
      isContinued: boolean;
      /** Who has read up to here, and no further. */
      seenBy: readonly string[];
    };

type RowsInput = {
  /** Oldest first. */
  messages: readonly HistoryMessage[];
  /** How far people have read. */
  reads: ReadonlyMap<string, string>;
  newAfter: string | undefined;
  ownAccountId: string;
};

/** What a list of messages looks like: days, the beginning of what is new, and marks of readers. */
export function messageRows({ messages, reads, newAfter, ownAccountId }: RowsInput): MessageRow[] {
  const readers = readersByMessage(messages, reads, ownAccountId);
  const rows: MessageRow[] = [];
  let before: HistoryMessage | undefined;
  for (const message of messages) {
    const isNewDay = dayOf(message.sentAt) !== (before && dayOf(before.sentAt));
    // Where the beginning of what is new lies above the list, nothing says where it is.
    const isFirstNew =
      newAfter !== undefined && before && before.id <= newAfter && message.id > newAfter;
    if (isNewDay) rows.push({ kind: "day", key: `day ${message.id}`, at: message.sentAt });
    if (isFirstNew) rows.push({ kind: "new", key: "new" });
    rows.push({
      kind: "message",
      // As before it was stored: nothing is drawn anew.
      key: message.clientId,
      message,
      isContinued: !isNewDay && !isFirstNew && continues(before, message),
      seenBy: readers.get(message.id) ?? [],
    });
    before = message;
  }
  return rows;
}

function continues(before: HistoryMessage | undefined, message: HistoryMessage): boolean {
  if (before?.author.accountId !== message.author.accountId) return false;
  return Date.parse(message.sentAt) - Date.parse(before.sentAt) < TOGETHER_MS;
}

function readersByMessage(
  messages: readonly HistoryMessage[],
  reads: ReadonlyMap<string, string>,
  ownAccountId: string,
): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, string[]>();
  for (const [accountId, messageId] of reads) {
    if (accountId === ownAccountId) continue;
    const last = messages.findLast(({ id }) => id <= messageId);
    // That people have read what they wrote themselves goes without saying.
    if (!last || last.author.accountId === accountId) continue;
    readers.set(last.id, [...(readers.get(last.id) ?? []), accountId]);
  }
  return readers;
}

function dayOf(time: string): string {
  return new Date(time).toDateString();
}
