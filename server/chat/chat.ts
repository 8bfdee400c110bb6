import type { ChatHistory, MessageTranslation } from "../../shared/chat.ts";
import { baseLanguage, type LanguageTag } from "../../shared/language.ts";
import { type Bus, defineTopic } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import type { Log } from "../kit/log.ts";
import { createEraser } from "./erase-messages.ts";
import { createFindFloor } from "./history-floor.ts";
import { createMessageLister, type HistoryInput, type SearchInput } from "./list-messages.ts";
import { createLiveTranslations } from "./live-translations.ts";
import { createMarks } from "./marks.ts";
import type {
  AccountPort,
  IdentifyLanguage,
  RoomPorts,
  TranslatorFor,
  UploadPorts,
} from "./ports.ts";
import { createMessageReader, type MessageState } from "./read-messages.ts";
import { removeMessages, sweepMessages } from "./sweep-messages.ts";
import { createTranslations } from "./translations.ts";
import { createMessageWriter } from "./write-messages.ts";

const messageTopic = defineTopic<MessageState>("chat.message", { retain: 500 });

/** How long a page of history waits for translations that aren't stored. */
const TRANSLATION_WAIT_MS = 3000;
/** Letters from which on a text says itself in which language it is. */
const LONG_ENOUGH = 40;
const SWEEP_MS = 30_000;

export type ChatDependencies = {
  db: Database;
  bus: Bus;
  rooms: RoomPorts;
  account: AccountPort;
  uploads: UploadPorts;
  translatorFor: TranslatorFor;
  /** Without it a message is in its author's language. */
  identifyLanguage?: IdentifyLanguage | undefined;
  log: Log;
};

export type Chat = ReturnType<typeof createChat>;

/** Messages of rooms, and what people do with them. To be closed. */
export function createChat(deps: ChatDependencies) {
  const { db, bus, rooms, account, uploads, translatorFor, log } = deps;
  const readMessages = createMessageReader(uploads);
  const floorOf = createFindFloor(db, rooms);
  const marks = createMarks({ db, bus, rooms, floorOf });
  const translations = createTranslations({ db, translatorFor, log });

  const onChange = (state: MessageState) => bus.publish(messageTopic, state.message.roomId, state);

  const writer = createMessageWriter({
    db,
    rooms,
    floorOf,
    account,
    uploads,
    readMessages,
    languageOf,
    onChange,
  });
  const following = { bus, topic: messageTopic, rooms, floorOf };
  const lister = createMessageLister({ ...following, db, readMessages });
  const live = createLiveTranslations({ ...following, translations, log });
  const patience = { waitMs: TRANSLATION_WAIT_MS, onLate: live.publish };
  const erase = createEraser({ db, uploads, readMessages, onChange });

  /** The author's own language, unless a long text is in another that is spoken in the room. */
  async function languageOf(text: string, roomId: string, own: LanguageTag): Promise<LanguageTag> {
    const { identifyLanguage } = deps;
    if (!identifyLanguage || (text.match(/\p{L}/gu)?.length ?? 0) < LONG_ENOUGH) return own;
    const among = [own, ...(await rooms.settings(roomId)).languages];
    if (new Set(among.map(baseLanguage)).size === 1) return own;
    try {
      return (await identifyLanguage(text, among)) ?? own;
    } catch (error) {
      log.warn({ err: error }, "the language of a message was not identified");
      return own;
    }
  }

  async function sweep(now = Date.now()): Promise<number> {
    return sweepMessages({ db, rooms, uploads }, now);
  }

  const sweeping = setInterval(() => {
    sweep().catch((error: unknown) => log.warn({ err: error }, "messages were not swept"));
  }, SWEEP_MS);
  sweeping.unref();

  return {
    ...writer,
    ...marks,
    search: (accountId: string, input: SearchInput) => lister.search(accountId, input),
    follow: (...reading: Parameters<typeof lister.follow>) => lister.follow(...reading),
    followEvents: (...reading: Parameters<typeof marks.follow>) => marks.follow(...reading),
    followTranslations: (...reading: Parameters<typeof live.follow>) => live.follow(...reading),
    sweep,

    async send(authorId: string, input: Parameters<typeof writer.send>[1]) {
      const message = await writer.send(authorId, input);
      marks.stopTyping(input.roomId, authorId);
      // The message is stored, whatever becomes of this.
      await rooms.noteActivity(input.roomId).catch((error: unknown) => {
        log.warn({ err: error }, "the activity of a room was not noted");
      });
      return message;
    },

    async history(
      accountId: string,
      input: HistoryInput & { read?: LanguageTag | null | undefined },
    ): Promise<ChatHistory> {
      const page = await lister.history(accountId, input);
      if (!input.read) return page;
      const translated = await translations.of(page.items, input.read, patience);
      const items = page.items.map((message) => {
        const translation = translated.get(message.id);
        return translation ? { ...message, translation } : message;
      });
      return { ...page, items };
    },

    /** Of those that need one. Messages that aren't there are left out. */
    async translations(
      accountId: string,
      input: { roomId: string; messageIds: readonly string[]; read: LanguageTag },
    ): Promise<MessageTranslation[]> {
      const { roomId, messageIds, read } = input;
      const messages = await lister.find(accountId, roomId, messageIds);
      const translated = await translations.of(messages, read, patience);
      return Array.from(translated, ([messageId, translation]) => ({ ...translation, messageId }));
    },

    /** What was translated between some languages by another glossary is translated anew. */
    forgetTranslations: (...forgetting: Parameters<typeof translations.forget>) =>
      translations.forget(...forgetting),

    /** Leaves nothing of an account that is being removed. */
    erase,

    /** Removes the messages of a room that is about to be removed, bit by bit. */
    emptyRoom: (roomId: string): Promise<void> => removeMessages(db, roomId),

    close(): void {
      clearInterval(sweeping);
      marks.close();
      translations.close();
    },
  };
}
