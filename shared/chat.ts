import { z } from "zod";
import { languageSchema, type LanguageTag } from "./language.ts";
import { idSchema, pageInputSchema } from "./page.ts";
import type { Reason } from "./reason.ts";
import { roomInputSchema } from "./room.ts";
import type { Attachment } from "./upload.ts";

/** Characters (UTF-16 code units) of one message. */
export const MESSAGE_LIMIT = 4000;
export const ATTACHMENT_LIMIT = 10;
/** Different emoji on one message. */
export const REACTION_LIMIT = 20;
/** Of everyone who chose an emoji, so many are named. */
export const REACTING_LIMIT = 100;
/** Characters (code points) of a message that an answer quotes. */
export const QUOTE_LIMIT = 200;
/** Unread messages are counted up to here. */
export const UNREAD_LIMIT = 100;
/** Rooms that one question about what is unread may name. */
export const UNREAD_ROOMS = 100;

const invisible = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*$/u;

/**
 * Text is kept as it was written, markup, bidi and zero-width characters included: whoever shows it
 * shows it as text, in an element of its own direction (`dir="auto"`, which isolates it), so that a
 * bidi override ends where the message does. Only NUL is taken out, which no database but SQLite stores.
 * What nobody can see is no text.
 */
const textSchema = z.string().transform((text, context) => {
  if (text.length <= MESSAGE_LIMIT) {
    return invisible.test(text) ? "" : text.replaceAll("\0", "").trim();
  }
  const params = { reason: "MESSAGE_TOO_LONG" };
  context.addIssue({ code: "custom", message: params.reason, params });
  return z.NEVER;
});

/** One emoji as people see it, be it one character or many (families, flags, shades of skin). */
const emojiSchema = z
  .string()
  .max(64)
  .transform((text, context) => {
    // Some keyboards leave out the selector that asks for the coloured form.
    const emoji = [text, `${text}\uFE0F`].find((form) => /^\p{RGI_Emoji}$/v.test(form));
    if (emoji !== undefined) return emoji;
    context.addIssue({ code: "custom", message: "no emoji", params: { reason: "EMOJI_INVALID" } });
    return z.NEVER;
  });

const messageInputSchema = z.object({ messageId: idSchema });

export const chatSendInputSchema = roomInputSchema
  .extend({
    /** May be empty beside attachments. */
    text: textSchema,
    /** Ids of uploads of one's own into this room, which no other message has. */
    attachments: z.array(idSchema).max(ATTACHMENT_LIMIT).optional(),
    /** A message of the same room. */
    replyTo: idSchema.optional(),
    /** Chosen by the sender, one per message: sending twice with the same id stores one message. */
    clientId: idSchema,
  })
  .refine(({ text, attachments = [] }) => text !== "" || attachments.length > 0, {
    params: { reason: "MESSAGE_EMPTY" },
  });

/** For its author alone. The text may be empty where there are attachments. */
export const chatEditInputSchema = messageInputSchema.extend({
  text: textSchema,
});
/** For its author, and for moderators. */
export const chatRemoveInputSchema = messageInputSchema;
/** Twice on is once on. */
export const chatReactInputSchema = messageInputSchema.extend({
  emoji: emojiSchema,
  on: z.boolean(),
});

/** Everything up to this message has been read. A mark never goes back. */
export const chatMarkReadInputSchema = roomInputSchema.extend({ messageId: idSchema });
/** Whoever has more rooms asks several times. Those that one is no member of are left out of the answer. */
export const chatUnreadInputSchema = z.object({
  roomIds: z.array(idSchema).min(1).max(UNREAD_ROOMS),
});
/** To be repeated every 3 seconds while somebody types: see TYPING_MS. */
export const chatTypingInputSchema = roomInputSchema.extend({ typing: z.boolean() });

/** Somebody who isn't heard of for so long types no more. */
export const TYPING_MS = 6000;

/**
 * Without a cursor: the newest messages, or with `direction` "after" the oldest. With one: the messages
 * before or after that place. `around` gives a page with that message in it instead. `read` adds
 * translations into that language.
 */
export const chatHistoryInputSchema = roomInputSchema.extend({
  ...pageInputSchema.shape,
  direction: z.enum(["before", "after"]).default("before"),
  around: idSchema.nullish(),
  read: languageSchema.nullish(),
});

/** Messages that have every word of the text, in any script. Newest first. */
export const chatSearchInputSchema = roomInputSchema.extend({
  ...pageInputSchema.shape,
  text: z.string().trim().min(1).max(200),
});

/** As `lastEventId`: all messages of a room, from its first one on. */
export const BEFORE_FIRST_MESSAGE = "first";

/**
 * Messages that came or changed after `lastEventId`, then those that do; only the latter without it.
 * It is the `version` of a message (the id of the event that brought it), the `position` of a page of
 * history, or BEFORE_FIRST_MESSAGE. One that changed several times comes once, as it is by then.
 */
export const chatMessagesInputSchema = roomInputSchema.extend({ lastEventId: idSchema.nullish() });

/** Subscribing sends one `snapshot` first, unless `lastEventId` can be resumed without a gap. */
export const chatEventsInputSchema = roomInputSchema.extend({ lastEventId: idSchema.nullish() });

/**
 * Translations of messages into one language, made while somebody follows this. Of messages that came
 * before, `chat.history` with `read` or `chat.translations` gives them.
 */
export const chatTranslationEventsInputSchema = roomInputSchema.extend({
  read: languageSchema,
  lastEventId: idSchema.nullish(),
});

/** Translations of some messages of a room, made where they aren't stored. */
export const chatTranslationsInputSchema = roomInputSchema.extend({
  messageIds: z.array(idSchema).min(1).max(100),
  read: languageSchema,
});

/** Both are empty when the author's account is gone. */
export type MessageAuthor = { accountId: string; name: string };

export type Reaction = {
  emoji: string;
  count: number;
  /** Who chose it, the first REACTING_LIMIT of them, in that order. */
  accountIds: string[];
};

/** What a message answers, as it was when the message was read from the server. */
export type MessageQuote = {
  id: string;
  author: MessageAuthor;
  /** Its beginning. Empty once it is removed. */
  text: string;
  removed: boolean;
};

/**
 * A message as it is now. A list is put in order by `id`, which sorts as text; of two states of one
 * message the one with the greater `version` (which sorts as text, too) is the newer. One whose
 * `version` is its `id` has never changed.
 */
export type ChatMessage = {
  id: string;
  roomId: string;
  author: MessageAuthor;
  /** Plain text. Whoever shows it shows it as text, never as markup. Empty once it is removed. */
  text: string;
  language: LanguageTag;
  clientId: string;
  sentAt: string;
  /** Rises with each edit, reaction and removal, beyond the version of every message before. */
  version: string;
  /** Counts the edits of the text: a translation belongs to one edition. */
  edition: number;
  editedAt?: string;
  /** Text, attachments and reactions are gone; this is what is left in their place. */
  removedAt?: string;
  replyTo?: MessageQuote;
  attachments: Attachment[];
  /** In the order in which their emoji came. */
  reactions: Reaction[];
};

/** A message's text in a reader's language. */
export type Translation = {
  language: LanguageTag;
  /** Of the text that was translated. */
  edition: number;
} & (
  | { state: "done"; text: string }
  /** It takes long: chat.onTranslation brings it, and chat.translations gives it later. */
  | { state: "pending" }
  /** LANGUAGE_PAIR_UNAVAILABLE when nothing here translates the pair, else TRANSLATION_FAILED. */
  | { state: "failed"; reason: Reason }
);

export type MessageTranslation = Translation & { messageId: string };

/** `translation` is there when `read` was asked for, and is another language than the message's. */
export type HistoryMessage = ChatMessage & { translation?: Translation };

/** Newest first, whatever the direction. */
export type ChatHistory = {
  items: HistoryMessage[];
  /** For `direction` "before". Absent when there is nothing older. */
  olderCursor?: string;
  /** For `direction` "after". Absent when there was nothing newer. */
  newerCursor?: string;
  /** That of the two which goes on in the direction that was asked for. */
  nextCursor?: string;
  /** As `lastEventId` of chat.onMessage: everything that is not in this page yet. */
  position: string;
};

/** `matches` are `[start, end]` in the text (UTF-16 code units), in order. */
export type FoundMessage = ChatMessage & { matches: [number, number][] };

export type ReadMark = { accountId: string; messageId: string };

export type UnreadCount = {
  roomId: string;
  /** Messages of others after the mark, UNREAD_LIMIT at most. */
  unread: number;
  /** How far one has read. Absent when one never said so: then every message counts. */
  readTo?: string;
};

export type ChatEvent =
  /** How far others have read (those who read last, 500 at most), and who types at this moment. */
  | { type: "snapshot"; reads: ReadMark[]; typing: string[] }
  | { type: "read"; accountId: string; messageId: string }
  | { type: "typing"; accountId: string; typing: boolean };
