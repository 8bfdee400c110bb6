import { randomUUID } from "node:crypto";
import type { ChatMessage, MessageTranslation, Translation } from "../../shared/chat.ts";
import type { LanguageTag } from "../../shared/language.ts";
import { type Bus, type Delivered, defineTopic, type Topic } from "../bus/bus.ts";
import { follow } from "../bus/follow.ts";
import { Feed } from "../kit/feed.ts";
import type { Log } from "../kit/log.ts";
import type { FindFloor } from "./history-floor.ts";
import { toPosition } from "./place.ts";
import type { RoomPorts } from "./ports.ts";
import type { MessageState } from "./read-messages.ts";
import { needsTranslation, type Translations } from "./translations.ts";

const translationTopic = defineTopic<MessageTranslation>("chat.translation", { retain: 300 });

/**
 * Translates what is written while somebody reads it, into the languages that are read, once for all
 * their readers.
 */
export function createLiveTranslations(deps: {
  bus: Bus;
  topic: Topic<MessageState>;
  rooms: Pick<RoomPorts, "membership" | "resumption">;
  floorOf: FindFloor;
  translations: Pick<Translations, "of">;
  log: Log;
}) {
  const { bus, topic, rooms, floorOf, translations, log } = deps;
  /** Each process translates for the readers that it has: what it publishes is for them alone. */
  const process = randomUUID();
  const read = new Map<
    string,
    { readers: number; stop: AbortController; started: Promise<void> }
  >();

  async function translateOne({ message }: MessageState, language: LanguageTag): Promise<void> {
    if (!needsTranslation(message, language)) return;
    const translation = (await translations.of([message], language)).get(message.id);
    if (translation) publish(message, translation);
  }

  /** Tells whoever reads the translation's language. */
  function publish({ id: messageId, roomId }: ChatMessage, translation: Translation): void {
    const key = keyOf(roomId, translation.language);
    if (read.has(key)) bus.publish(translationTopic, key, { ...translation, messageId });
  }

  const keyOf = (roomId: string, language: LanguageTag) => `${process} ${roomId} ${language}`;

  /** Translates while there are readers. Gives what to call when one is gone. */
  async function attend(roomId: string, language: LanguageTag): Promise<() => void> {
    const key = keyOf(roomId, language);
    let room = read.get(key);
    if (!room) {
      const stop = new AbortController();
      /** Reactions don't change a text. */
      const editions = new Map<string, number>();
      const onEvent = (state: MessageState) => {
        const { id, edition } = state.message;
        if (editions.get(id) === edition) return;
        editions.set(id, edition);
        if (editions.size > 1000) editions.delete(editions.keys().next().value ?? "");
        translateOne(state, language).catch((error: unknown) =>
          log.warn({ err: error, language }, "not translated"),
        );
      };
      const started = follow(bus, topic, roomId, {
        signal: stop.signal,
        onEvent,
        // Whoever shows a message without its translation asks for it.
        onMissed: () => undefined,
      });
      room = { readers: 0, stop, started };
      read.set(key, room);
    }
    const attended = room;
    attended.readers += 1;
    await attended.started;
    return () => {
      attended.readers -= 1;
      if (attended.readers > 0) return;
      attended.stop.abort();
      read.delete(key);
    };
  }

  return {
    publish,

    /** Translations as they are made, while the membership lasts. */
    follow(
      accountId: string,
      input: { roomId: string; read: LanguageTag; lastEventId?: string | null | undefined },
      signal: AbortSignal,
    ): Feed<Delivered<MessageTranslation>> {
      const { roomId, read: language, lastEventId } = input;
      return new Feed(signal, async (reader, signal) => {
        const member = await rooms.membership(roomId, accountId, "chat.onTranslation", signal);
        const key = keyOf(roomId, language);
        const { events } = await bus.subscribe(translationTopic, key, {
          ...(await rooms.resumption(roomId, accountId, lastEventId)),
          signal: member,
        });
        const first = toPosition((await floorOf(roomId, accountId)) + 1);
        const leave = await attend(roomId, language);
        try {
          await events.each((delivered) => {
            if (delivered.event.messageId >= first) reader.send(delivered);
          });
        } finally {
          leave();
        }
      });
    },
  };
}
