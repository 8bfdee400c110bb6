import {
  type ChatMessage,
  type MessageAuthor,
  type MessageQuote,
  QUOTE_LIMIT,
} from "../../shared/chat.ts";
import type { Database } from "../database/database.ts";
import { findMessages, type MessageRow } from "./message-store.ts";
import { toPosition } from "./place.ts";
import type { UploadPorts } from "./ports.ts";
import { listReactions } from "./reaction-store.ts";

/** A message as it is after the change that took the number `changedSequence`. */
export type MessageState = { changedSequence: number; message: ChatMessage };

export type ReadMessages = ReturnType<typeof createMessageReader>;

/** Makes messages of one room out of their rows, and of what belongs to them. */
export function createMessageReader({ attachmentsOf }: Pick<UploadPorts, "attachmentsOf">) {
  return async function readMessages(
    db: Database,
    rows: readonly MessageRow[],
  ): Promise<MessageState[]> {
    const roomId = rows[0]?.roomId;
    if (roomId === undefined) return [];
    const reacted = rows.filter(({ reactionKinds }) => reactionKinds > 0);
    const attached = rows.filter(({ attachmentCount }) => attachmentCount > 0);
    const replies = rows.flatMap(({ replyTo }) => (replyTo === null ? [] : [replyTo]));
    const reactions = await listReactions(
      db,
      roomId,
      reacted.map(({ sequence }) => sequence),
    );
    const attachments: Awaited<ReturnType<typeof attachmentsOf>> =
      attached.length > 0
        ? await attachmentsOf(
            db,
            attached.map(({ id }) => id),
          )
        : new Map();
    const quoted = await findMessages(db, roomId, Array.from(new Set(replies)));
    const quotes = new Map(quoted.map((row) => [row.id, row]));

    return rows.map((row): MessageState => {
      const { id, text, language, clientId, sentAt, edition, editedAt, removedAt, replyTo } = row;
      const { sequence, changedSequence } = row;
      return {
        changedSequence,
        message: {
          id,
          roomId,
          author: authorOf(row),
          text,
          language,
          clientId,
          sentAt,
          version: changedSequence === sequence ? id : toPosition(changedSequence),
          edition,
          ...(editedAt !== null && { editedAt }),
          ...(removedAt !== null && { removedAt }),
          ...(replyTo !== null && { replyTo: quoteOf(replyTo, quotes.get(replyTo)) }),
          attachments: attachments.get(id) ?? [],
          reactions: reactions.get(sequence) ?? [],
        },
      };
    });
  };
}

function authorOf({ authorId, authorName }: MessageRow): MessageAuthor {
  return { accountId: authorId ?? "", name: authorName ?? "" };
}

function quoteOf(id: string, row: MessageRow | undefined): MessageQuote {
  if (!row) return { id, author: { accountId: "", name: "" }, text: "", removed: true };
  const text = Array.from(row.text.slice(0, 2 * QUOTE_LIMIT))
    .slice(0, QUOTE_LIMIT)
    .join("");
  return { id, author: authorOf(row), text, removed: row.removedAt !== null };
}
