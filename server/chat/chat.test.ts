import { expect, it } from "vitest";
import { BEFORE_FIRST_MESSAGE, type ChatMessage } from "../../shared/chat.ts";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount, insertSampleRoom } from "../database/testing/sample-rows.ts";
import { AppError } from "../kit/errors.ts";
import { createChat } from "./chat.ts";
import { insertMessage, takeSequence } from "./message-store.ts";

describeEachDialect("chat", (open) => {
  async function setUp() {
    const { db } = await open();
    const bus = new EmbeddedBus();
    const roomId = "kitchen";
    await insertSampleRoom(db, roomId);
    const languages = { ann: "en", ben: "es" };
    const members = new Map<string, AbortController>();
    for (const [id, language] of Object.entries(languages)) {
      await insertSampleAccount(db, id, language);
      members.set(id, new AbortController());
    }
    const membership = (_roomId: string, accountId: string) => {
      const member = members.get(accountId);
      if (!member) return Promise.reject(new AppError("NOT_A_MEMBER", "You are not here."));
      return Promise.resolve(member.signal);
    };
    const chat = createChat({
      db,
      bus,
      membership,
      requireMember: async (roomId, accountId) => {
        await membership(roomId, accountId);
        return "member";
      },
      account: (id) => Promise.resolve({ name: id, language: id === "ben" ? "es" : "en" }),
      noteActivity: () => Promise.resolve(),
    });
    const leave = (accountId: string) => {
      members.get(accountId)?.abort();
      members.delete(accountId);
    };
    let count = 0;
    const send = (text: string, clientId = `c${(count += 1)}`, author = "ann") =>
      chat.send(author, { roomId, text, clientId });
    return { db, chat, roomId, send, leave };
  }

  async function take(messages: AsyncIterable<ChatMessage>, count: number): Promise<string[]> {
    const texts: string[] = [];
    for await (const { text } of messages) {
      texts.push(text);
      if (texts.length === count) break;
    }
    return texts;
  }

  const never = new AbortController().signal;

  it("keeps who said what, in the author's language", async () => {
    const { chat, roomId, send } = await setUp();
    const sent = await send("hola <b>", "one", "ben");
    expect(sent).toMatchObject({
      roomId,
      text: "hola <b>",
      language: "es",
      clientId: "one",
      author: { accountId: "ben", name: "ben" },
    });
    expect(await chat.history("ann", { roomId, limit: 10 })).toEqual({ items: [sent] });
  });

  it("stores a message once, however often and at whatever moments it is sent", async () => {
    const { chat, roomId, send } = await setUp();
    const first = await send("hello", "same");
    const repeats = await Promise.all(Array.from({ length: 10 }, () => send("hello", "same")));
    expect(repeats).toEqual(Array.from({ length: 10 }, () => first));
    const racing = await Promise.all(Array.from({ length: 10 }, () => send("race", "new")));
    expect(new Set(racing.map(({ id }) => id)).size).toBe(1);
    // Others may choose the same id for theirs.
    await send("mine", "same", "ben");
    expect((await chat.history("ann", { roomId, limit: 10 })).items).toHaveLength(3);
  });

  it("is read back page by page without gaps or repeats while more comes in", async () => {
    const { chat, roomId, send } = await setUp();
    for (let count = 0; count < 25; count += 1) await send(`${count}`);
    const texts: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await chat.history("ann", { roomId, limit: 10, cursor });
      texts.push(...page.items.map(({ text }) => text));
      cursor = page.nextCursor;
      await send("later");
    } while (cursor !== undefined);
    expect(texts).toEqual(Array.from({ length: 25 }, (_, index) => `${24 - index}`));
    await expect(
      chat.history("ann", { roomId, limit: 10, cursor: "bm9wZQ" }),
    ).rejects.toMatchObject({ reason: "CURSOR_INVALID" });
  });

  it("gives ids that sort in the order of arrival, also of messages sent at once", async () => {
    const { chat, roomId, send } = await setUp();
    await Promise.all(Array.from({ length: 40 }, (_, index) => send(`${index}`)));
    const { items } = await chat.history("ann", { roomId, limit: 100 });
    const ids = items.map(({ id }) => id);
    expect(ids.toSorted().toReversed()).toEqual(ids);
  });

  it("is followed live, or from a message on, each message once and in order", async () => {
    const { chat, roomId, send } = await setUp();
    const old = await send("old");
    for (let count = 0; count < 450; count += 1) await send(`missed ${count}`);
    const live = chat.follow("ben", { roomId }, never);
    const first = live.next();
    const resumed = chat.follow("ben", { roomId, lastEventId: old.id }, never);
    await resumed.next();
    await Promise.all(Array.from({ length: 20 }, (_, index) => send(`new ${index}`)));
    expect((await first).value?.text).toMatch(/^new /u);
    const texts = await take(resumed, 469);
    expect(texts.slice(0, 449)).toEqual(
      Array.from({ length: 449 }, (_, index) => `missed ${index + 1}`),
    );
    expect(new Set(texts).size).toBe(469);
  });

  it("is followed from the first message on", async () => {
    const { chat, roomId, send } = await setUp();
    await send("one");
    const following = chat.follow("ben", { roomId, lastEventId: BEFORE_FIRST_MESSAGE }, never);
    expect((await following.next()).value?.text).toBe("one");
    await send("two");
    expect((await following.next()).value?.text).toBe("two");
  });

  it("with an unknown last message gives live ones only", async () => {
    const { chat, roomId, send } = await setUp();
    await send("old");
    const following = take(chat.follow("ben", { roomId, lastEventId: "nonsense" }, never), 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send("new");
    expect(await following).toEqual(["new"]);
  });

  it("finds a message that was stored but never published", async () => {
    const { chat, db, roomId, send } = await setUp();
    const following = take(chat.follow("ben", { roomId }, never), 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const sequence = await takeSequence(db, roomId);
    const sentAt = new Date().toISOString();
    const unheard = { id: "x", roomId, authorId: "ann", clientId: "x", text: "unheard" };
    await insertMessage(db, { ...unheard, language: "en", sentAt }, sequence);
    await send("heard");
    expect(await following).toEqual(["unheard", "heard"]);
  });

  it("is for members, and what they follow ends when they leave", async () => {
    const { chat, leave, roomId, send } = await setUp();
    const following = take(chat.follow("ben", { roomId }, never), 10);
    await new Promise((resolve) => setTimeout(resolve, 50));
    leave("ben");
    expect(await following).toEqual([]);
    const refused = { reason: "NOT_A_MEMBER" };
    await expect(send("two", "x", "ben")).rejects.toMatchObject(refused);
    await expect(chat.history("ben", { roomId, limit: 1 })).rejects.toMatchObject(refused);
    await expect(chat.follow("ben", { roomId }, never).next()).rejects.toMatchObject(refused);
  });
});
