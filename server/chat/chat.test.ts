import { expect, it } from "vitest";
import { BEFORE_FIRST_MESSAGE, type ChatMessage } from "../../shared/chat.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { inNextPlace, insertMessage } from "./message-store.ts";
import { never, openChatRoom, samplePhoto, take } from "./testing/chat-room.ts";

const texts = (messages: readonly ChatMessage[]) => messages.map(({ text }) => text);
const numbers = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => `${first + index}`);

describeEachDialect("chat", (open) => {
  const setUp = () => openChatRoom(open);

  it("keeps who said what, in the author's language", async () => {
    const { history, send } = await setUp();
    const sent = await send("hola <b>\u202eolleh", "ben", "one");
    expect(sent).toEqual({
      id: expect.any(String),
      roomId: "kitchen",
      text: "hola <b>\u202eolleh",
      language: "es",
      clientId: "one",
      author: { accountId: "ben", name: "ben" },
      sentAt: expect.any(String),
      version: sent.id,
      edition: 0,
      attachments: [],
      reactions: [],
    });
    expect((await history()).items).toEqual([sent]);
  });

  it("stores a message once, however often and at whatever moments it is sent", async () => {
    const { history, send } = await setUp();
    const first = await send("hello", "ann", "same");
    const repeats = await Promise.all(numbers(10).map(() => send("hello", "ann", "same")));
    expect(repeats).toEqual(numbers(10).map(() => first));
    const racing = await Promise.all(numbers(10).map(() => send("race", "ann", "new")));
    expect(new Set(racing.map(({ id }) => id)).size).toBe(1);
    // Others may choose the same id for theirs.
    await send("mine", "ben", "same");
    expect((await history()).items).toHaveLength(3);
  });

  it("takes nothing from who is sent out while it is found out what language they write", async () => {
    const identified = Promise.withResolvers<undefined>();
    const { history, leave, send } = await openChatRoom(open, {
      identifyLanguage: () => identified.promise,
    });
    const sending = send("¿quién viene a la estación esta tarde con nosotros?", "ben");
    sending.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    leave("ben");
    identified.resolve(undefined);
    await expect(sending).rejects.toMatchObject({ reason: "NOT_A_MEMBER" });
    expect((await history()).items).toEqual([]);
  });

  it("shows nothing from before to who sends again what they sent before they left", async () => {
    const { cameAt, chat, roomId, send } = await openChatRoom(open);
    const { id: replyTo } = await send("a secret");
    const answer = { roomId, text: "yes", clientId: "same", replyTo };
    expect((await chat.send("ben", answer)).replyTo?.text).toBe("a secret");
    cameAt.set("ben", new Date(Date.now() + 1000).toISOString());
    expect((await chat.send("ben", answer)).replyTo).toMatchObject({ text: "", removed: true });
  });

  it("takes attachments along, also without a word", async () => {
    const { attached, chat, history, roomId } = await setUp();
    const input = { roomId, text: "", attachments: ["cat", "dog", "cat"], clientId: "1" };
    const sent = await chat.send("ann", input);
    expect(sent.attachments).toEqual([samplePhoto("cat"), samplePhoto("dog")]);
    expect((await history()).items).toEqual([sent]);
    await expect(
      chat.send("ann", { roomId, text: "x", attachments: ["missing"], clientId: "2" }),
    ).rejects.toMatchObject({ reason: "UPLOAD_NOT_FOUND" });
    expect((await history()).items).toHaveLength(1);
    expect(attached.size).toBe(1);
  });

  it("quotes what is answered, for as long as it is there", async () => {
    const { chat, history, roomId, send } = await setUp();
    const question = await send(`who? ${"é".repeat(300)}`);
    const clientId = "answer";
    const answer = await chat.send("ben", { roomId, text: "me", replyTo: question.id, clientId });
    expect(answer.replyTo).toEqual({
      id: question.id,
      author: { accountId: "ann", name: "ann" },
      text: `who? ${"é".repeat(195)}`,
      removed: false,
    });
    await chat.remove("ann", { messageId: question.id });
    const [later] = (await history()).items;
    expect(later?.replyTo).toMatchObject({ id: question.id, text: "", removed: true });
    const elsewhere = await chat.send("ann", { roomId: "cellar", text: "x", clientId: "x" });
    await expect(
      chat.send("ann", { roomId, text: "?", replyTo: elsewhere.id, clientId: "?" }),
    ).rejects.toMatchObject({ reason: "MESSAGE_NOT_FOUND" });
  });

  it("gives ids that sort in the order of arrival, also of messages sent at once", async () => {
    const { history, send } = await setUp();
    await Promise.all(numbers(40).map((text) => send(text)));
    const ids = (await history()).items.map(({ id }) => id);
    expect(ids.toSorted().toReversed()).toEqual(ids);
  });

  it("is followed live, or from a message on, each message once and in order", async () => {
    const { chat, roomId, send } = await setUp();
    const old = await send("old");
    for (const text of numbers(250, 1)) await send(text);
    const live = chat.follow("ben", { roomId }, never);
    const first = live.next();
    const resumed = chat.follow("ben", { roomId, lastEventId: old.version }, never);
    await resumed.next();
    await Promise.all(numbers(20).map((text) => send(`new ${text}`)));
    expect((await first).value?.text).toMatch(/^new /u);
    const all = texts(await take(resumed, 269));
    expect(all.slice(0, 249)).toEqual(numbers(249, 2));
    expect(new Set(all).size).toBe(269);
  });

  it("is followed from the first message on, or from a page of history on", async () => {
    const { chat, history, roomId, send } = await setUp();
    const { position } = await history();
    await send("one");
    for (const lastEventId of [BEFORE_FIRST_MESSAGE, position]) {
      const following = chat.follow("ben", { roomId, lastEventId }, never);
      expect((await following.next()).value?.text).toBe("one");
      await send("two");
      expect((await following.next()).value?.text).toBe("two");
    }
  });

  it.each(["nonsense", "what ever", "zzzzzzzz", "0000zzzz"])(
    "with %j as last message gives live ones only",
    async (lastEventId) => {
      const { chat, roomId, send } = await setUp();
      await send("old");
      const following = take(chat.follow("ben", { roomId, lastEventId }, never), 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await send("new");
      expect(texts(await following)).toEqual(["new"]);
    },
  );

  it("finds a message that was stored but never published", async () => {
    const { chat, db, roomId, send } = await setUp();
    const following = take(chat.follow("ben", { roomId }, never), 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const sentAt = new Date().toISOString();
    const unheard = { id: "x", roomId, authorId: "ann", clientId: "x", text: "unheard", sentAt };
    await inNextPlace(db, roomId, (transaction, sequence) =>
      insertMessage(transaction, { ...unheard, language: "en", sequence }),
    );
    await send("heard");
    expect(texts(await following)).toEqual(["unheard", "heard"]);
  });

  it("is for members, and what they follow ends when they leave", async () => {
    const { chat, history, leave, roomId, send } = await setUp();
    const following = take(chat.follow("ben", { roomId }, never), 10);
    await new Promise((resolve) => setTimeout(resolve, 50));
    leave("ben");
    expect(await following).toEqual([]);
    const refused = { reason: "NOT_A_MEMBER" };
    await expect(send("two", "ben")).rejects.toMatchObject(refused);
    await expect(history("ben")).rejects.toMatchObject(refused);
    await expect(chat.follow("ben", { roomId }, never).next()).rejects.toMatchObject(refused);
    await expect(send("psst", "cleo")).rejects.toMatchObject({ reason: "ROLE_TOO_LOW" });
  });
});
