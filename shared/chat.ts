import { z } from "zod";
import { type LanguageTag } from "./language.ts";
import { idSchema, pageInputSchema } from "./page.ts";
import { roomInputSchema } from "./room.ts";

/** Characters (UTF-16 code units) of one message. */
export const MESSAGE_LIMIT = 4000;

export const chatSendInputSchema = roomInputSchema.extend({
  text: z.string().transform((text, context) => {
    // No database but SQLite stores the character NUL.
    const trimmed = text.replaceAll("\0", "").trim();
    const reason =
      trimmed === ""
        ? "MESSAGE_EMPTY"
        : text.length > MESSAGE_LIMIT
          ? "MESSAGE_TOO_LONG"
          : undefined;
    if (reason === undefined) return trimmed;
    context.addIssue({ code: "custom", message: reason, params: { reason } });
    return z.NEVER;
  }),
  /** Chosen by the sender, one per message: sending twice with the same id stores one message. */
  clientId: idSchema,
});

/** Newest first. */
export const chatHistoryInputSchema = roomInputSchema.extend(pageInputSchema.shape);

/** As `lastEventId`: all messages of a room, from its first one on. */
export const BEFORE_FIRST_MESSAGE = "first";

/** Messages after `lastEventId` (a message's id), then live ones; only live ones without it. */
export const chatMessagesInputSchema = roomInputSchema.extend({ lastEventId: idSchema.nullish() });

export type ChatMessage = {
  id: string;
  roomId: string;
  author: { accountId: string; name: string };
  /** Plain text. Whoever shows it shows it as text, never as markup. */
  text: string;
  language: LanguageTag;
  clientId: string;
  sentAt: string;
};
