import { type KyselyPlugin, type QueryId, sql } from "kysely";
import { expect, it, vi } from "vitest";
import type { Database } from "../database/database.ts";
import { isPostgres } from "../database/full-text.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { silentLog } from "../kit/log.ts";
import type { MessageTranslator } from "./ports.ts";
import { never, openChatRoom, take } from "./testing/chat-room.ts";
import { createTranslations } from "./translations.ts";
import { eventually } from "../../shared/testing/eventually.ts";

type Translate = MessageTranslator["translate"];

/** Statements that wait for a lock. */
async function countWaiting(db: Database): Promise<number> {
  const { rows } = await sql`
    select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows.length;
}

describeEachDialect("translations of messages", (open) => {
  /** Translates into Spanish and German by saying so; nothing translates into French. */
  async function setUp(translate?: Translate) {
    const translator = {
      translate: vi.fn<Translate>(
        translate ?? (({ text, to }) => Promise.resolve(`${to}: ${text}`)),
      ),
    };
    const room = await openChatRoom(open, {
      translatorFor: (_roomId, _from, to) => (to === "fr" ? undefined : translator),
    });
    const translations = async (read: string) => {
      const { items } = await room.chat.history("ben", { roomId: room.roomId, limit: 10, read });
      return items.map(({ translation }) => translation);
    };
    return { ...room, translate: translator.translate, translations };
  }

  it("are made once per message and language, and kept", async () => {
    const { chat, roomId, send, translate, translations } = await setUp();
    const { id } = await send("hello");
    await send("hola", "ben");
    const done = { language: "es", edition: 0, state: "done", text: "es: hello" };
    const both = await Promise.all([translations("es"), translations("es")]);
    expect(both).toEqual([
      [undefined, done],
      [undefined, done],
    ]);
    expect(await translations("es")).toEqual([undefined, done]);
    const asked = { roomId, messageIds: [id, "none"], read: "es" };
    expect(await chat.translations("ben", asked)).toEqual([{ ...done, messageId: id }]);
    expect(translate).toHaveBeenCalledTimes(1);
    expect(translate.mock.lastCall?.[0]).toMatchObject({ text: "hello", from: "en", to: "es" });
    await translations("de");
    expect(translate).toHaveBeenCalledTimes(3);
  });

  it("are made once, also when one is kept between looking for it and beginning", async () => {
    const { db, location } = await open();
    const looked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const queries = new WeakSet<QueryId>();
    const slow: KyselyPlugin = {
      transformQuery({ node, queryId }) {
        if (JSON.stringify(node).includes("message_translations")) queries.add(queryId);
        return node;
      },
      async transformResult({ queryId, result }) {
        if (!queries.has(queryId)) return result;
        looked.resolve();
        await goOn.promise;
        return result;
      },
    };
    // SQLite has one connection: there nothing can happen in between.
    const isSerial = !isPostgres(db);
    if (isSerial) goOn.resolve();
    const translate = vi.fn<Translate>(({ text }) => Promise.resolve(`es: ${text}`));
    const translatorFor = () => ({ translate });
    const { send } = await openChatRoom(() => Promise.resolve({ db, location }));
    const message = await send("hello");
    const quick = createTranslations({ db, translatorFor, log: silentLog });
    const behind = createTranslations({ db: db.withPlugin(slow), translatorFor, log: silentLog });
    const second = behind.of([message], "es");
    await (isSerial ? second : looked.promise);
    await quick.of([message], "es");
    goOn.resolve();
    expect((await second).get(message.id)).toMatchObject({ text: "es: hello" });
    expect(translate).toHaveBeenCalledTimes(1);
  });

  it("are made anew when the text is edited, and gone when it is removed", async () => {
    const { chat, db, send, translate, translations } = await setUp();
    const { id: messageId } = await send("hello");
    await translations("es");
    await chat.react("ben", { messageId, emoji: "👍", on: true });
    await translations("es");
    expect(translate).toHaveBeenCalledTimes(1);
    const stored = () => db.selectFrom("message_translations").select("text").execute();
    await chat.edit("ann", { messageId, text: "good bye" });
    expect(await stored()).toEqual([]);
    expect(await translations("es")).toMatchObject([{ edition: 1, text: "es: good bye" }]);
    await chat.remove("ann", { messageId });
    expect(await translations("es")).toEqual([undefined]);
    expect(await stored()).toEqual([]);
  });

  it("are made anew between the languages that have another glossary", async () => {
    const { chat, roomId, send, translate, translations } = await setUp();
    await send("hello");
    await send("hola", "ben");
    for (const read of ["es", "es-MX", "de", "en"]) await translations(read);
    expect(translate).toHaveBeenCalledTimes(5);
    translate.mockClear();
    await chat.forgetTranslations(roomId, [{ from: "en-GB", to: "es" }]);
    for (const read of ["es", "es-MX", "de", "en"]) await translations(read);
    expect(translate.mock.calls.map(([{ text, to }]) => [text, to])).toEqual([
      ["hello", "es"],
      ["hello", "es-MX"],
    ]);
  });

  it("are not kept when the glossary changes meanwhile", async () => {
    const { promise: byOld, resolve } = Promise.withResolvers<string>();
    const { chat, roomId, send, translate, translations } = await setUp(() =>
      Promise.resolve("new"),
    );
    translate.mockReturnValueOnce(byOld);
    await send("hello");
    const before = translations("es");
    await eventually(() => expect(translate).toHaveBeenCalledTimes(1));
    await chat.forgetTranslations(roomId, [{ from: "en", to: "es" }]);
    expect(await translations("es")).toMatchObject([{ text: "new" }]);
    resolve("old");
    expect(await before).toMatchObject([{ text: "old" }]);
    expect(await translations("es")).toMatchObject([{ text: "new" }]);
    expect(translate).toHaveBeenCalledTimes(2);
  });

  it("are not kept when it changes while they are being kept", async () => {
    const { chat, db, roomId, send, translate, translations } = await setUp();
    // SQLite has one connection: there nothing can happen in between.
    if (!isPostgres(db)) return;
    const { id } = await send("hello");
    const before = await db.transaction().execute(async (transaction) => {
      // Whoever keeps something waits here.
      await transaction
        .updateTable("messages")
        .set({ text: "hello" })
        .where("id", "=", id)
        .execute();
      const made = translations("es");
      await eventually(() => expect(translate).toHaveBeenCalledTimes(1));
      // On a crowded machine it may have waited and given up before anybody looked.
      const isWaiting = async () => expect(await countWaiting(db)).toBe(1);
      await vi.waitFor(isWaiting, { interval: 1 }).catch(() => undefined);
      await chat.forgetTranslations(roomId, [{ from: "en", to: "es" }]);
      return { made };
    });
    await before.made;
    translate.mockResolvedValueOnce("new");
    expect(await translations("es")).toMatchObject([{ text: "new" }]);
  });

  it("are not kept of a text that was edited or removed meanwhile", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { chat, db, roomId, send, translate, translations } = await setUp(() => promise);
    const [edited, removed] = [await send("one"), await send("two")];
    const messageIds = [edited.id, removed.id];
    const made = chat.translations("ben", { roomId, messageIds, read: "es" });
    await eventually(() => expect(translate).toHaveBeenCalledTimes(2));
    await chat.edit("ann", { messageId: edited.id, text: "ONE" });
    await chat.remove("ann", { messageId: removed.id });
    resolve("late");
    expect(await made).toHaveLength(2);
    expect(await db.selectFrom("message_translations").selectAll().execute()).toEqual([]);
    expect(await translations("es")).toMatchObject([undefined, { edition: 1, text: "late" }]);
  });

  it("say why there is none, and never hide the original", async () => {
    const { send, translate, translations } = await setUp();
    await send("hello");
    expect(await translations("fr")).toEqual([
      { language: "fr", edition: 0, state: "failed", reason: "LANGUAGE_PAIR_UNAVAILABLE" },
    ]);
    translate.mockRejectedValueOnce(new Error("out of order"));
    expect(await translations("es")).toMatchObject([
      { state: "failed", reason: "TRANSLATION_FAILED" },
    ]);
    // What failed is tried again.
    expect(await translations("es")).toMatchObject([{ state: "done" }]);
  });

  it("that take long don't hold up the page", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { chat, roomId, send, translations } = await setUp(() => promise);
    const { id: messageId } = await send("hello");
    const live = take(chat.followTranslations("cleo", { roomId, read: "es" }, never), 1);
    expect(await translations("es")).toMatchObject([{ state: "pending", edition: 0 }]);
    resolve("al fin");
    expect((await live)[0]?.event).toMatchObject({ messageId, state: "done", text: "al fin" });
    await expect.poll(() => translations("es")).toMatchObject([{ state: "done", text: "al fin" }]);
  });

  it("are told after a cut, but not those from while somebody was out", async () => {
    const { cameAt, chat, roomId, send } = await setUp();
    const follow = (accountId: string, lastEventId?: string) =>
      chat.followTranslations(accountId, { roomId, read: "es", lastEventId }, never);
    // Nothing is waited for before that but promises that are kept already.
    const untilFollowed = () => new Promise((resolve) => setImmediate(resolve));
    const staying = take(follow("ben"), 2);
    await untilFollowed();
    for (const text of ["hello", "while out"]) await send(text);
    const lastEventId = (await staying)[0]?.id;
    const came = Date.now() + 1;
    cameAt.set("cleo", new Date(came).toISOString());
    await eventually(() => expect(Date.now()).toBeGreaterThan(came));
    const cut = take(follow("ben", lastEventId), 2);
    const out = take(follow("cleo", lastEventId), 1);
    await untilFollowed();
    await send("back");
    const told = [await cut, await out].map((events) => events.map(({ event }) => event));
    const back = { text: "es: back" };
    expect(told).toMatchObject([[{ text: "es: while out" }, back], [back]]);
  });

  it("come live to those who read the language, once for all of them", async () => {
    const { chat, leave, roomId, send, translate } = await setUp();
    const follow = (accountId: string, read: string) =>
      chat.followTranslations(accountId, { roomId, read }, never);
    await send("before");
    const ben = take(follow("ben", "es"), 2);
    const cleo = take(follow("cleo", "es"), 2);
    const french = take(follow("cleo", "fr"), 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { id: messageId } = await send("hello");
    await eventually(() => expect(translate).toHaveBeenCalledTimes(1));
    await chat.react("ben", { messageId, emoji: "👍", on: true });
    await chat.edit("ann", { messageId, text: "bye" });
    const events = (await ben).map(({ event }) => event);
    expect(events).toMatchObject([
      { messageId, edition: 0, text: "es: hello" },
      { messageId, edition: 1, text: "es: bye" },
    ]);
    expect((await cleo).map(({ event }) => event)).toEqual(events);
    expect((await french)[0]?.event).toMatchObject({ reason: "LANGUAGE_PAIR_UNAVAILABLE" });
    expect(translate).toHaveBeenCalledTimes(2);
    // Nobody reads it any more.
    await send("unread");
    leave("ben");
    await expect(follow("ben", "es").next()).rejects.toMatchObject({ reason: "NOT_A_MEMBER" });
    expect(translate).toHaveBeenCalledTimes(2);
  });
});

describeEachDialect("the language of a message", (open) => {
  const long = "Guten Morgen zusammen, ich hoffe, dass ihr alle gut geschlafen habt";

  it("is the author's, unless a long text is in another of the room", async () => {
    const identifyLanguage = vi.fn<() => Promise<string | undefined>>(() => Promise.resolve("es"));
    const { chat, send } = await openChatRoom(open, { identifyLanguage });
    expect((await send("hola")).language).toBe("en");
    expect(identifyLanguage).not.toHaveBeenCalled();
    const sent = await send(long);
    expect(sent.language).toBe("es");
    expect(identifyLanguage).toHaveBeenCalledWith(long, ["en", "en", "es", "zh"]);
    identifyLanguage.mockResolvedValueOnce(undefined);
    expect((await chat.edit("ann", { messageId: sent.id, text: `${long}!` })).language).toBe("en");
    identifyLanguage.mockRejectedValueOnce(new Error("out of order"));
    expect((await send(`${long}?`)).language).toBe("en");
  });
});
