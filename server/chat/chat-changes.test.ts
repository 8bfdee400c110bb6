import { expect, it, vi } from "vitest";
import { BEFORE_FIRST_MESSAGE, REACTING_LIMIT, REACTION_LIMIT } from "../../shared/chat.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { never, openChatRoom, take } from "./testing/chat-room.ts";

const notFound = { reason: "MESSAGE_NOT_FOUND" };

describeEachDialect("changing messages", (open) => {
  const setUp = () => openChatRoom(open);

  it("gives the author another text, and says so", async () => {
    const { chat, history, send } = await setUp();
    const sent = await send("helo");
    const edited = await chat.edit("ann", { messageId: sent.id, text: "hello" });
    expect(edited).toEqual({
      ...sent,
      text: "hello",
      edition: 1,
      editedAt: expect.any(String),
      version: expect.any(String),
    });
    expect(edited.version > sent.version).toBe(true);
    expect((await history()).items).toEqual([edited]);
    // The same text is no change.
    expect(await chat.edit("ann", { messageId: sent.id, text: "hello" })).toEqual(edited);
  });

  it("is for the author alone, while they may write", async () => {
    const { chat, leave, roles, send } = await setUp();
    const { id: messageId } = await send("mine", "ben");
    const edit = (accountId: string, text = "x") => chat.edit(accountId, { messageId, text });
    await expect(edit("ann")).rejects.toMatchObject({ reason: "NOT_YOUR_MESSAGE" });
    await expect(edit("ben", "")).rejects.toMatchObject({ reason: "MESSAGE_EMPTY" });
    await expect(edit("stranger")).rejects.toMatchObject(notFound);
    await expect(chat.edit("ben", { messageId: "none", text: "x" })).rejects.toMatchObject(
      notFound,
    );
    roles.set("kitchen ben", "listener");
    await expect(edit("ben")).rejects.toMatchObject({ reason: "ROLE_TOO_LOW" });
    leave("ben");
    await expect(edit("ben")).rejects.toMatchObject(notFound);
    await expect(chat.remove("ben", { messageId })).rejects.toMatchObject(notFound);
  });

  it("leaves a tombstone where a message was removed, and nothing of what it said", async () => {
    const { attached, chat, db, history, roomId, send } = await setUp();
    const { id: before } = await send("before");
    const clientId = "photo";
    const input = { roomId, text: "secret", attachments: ["cat"], clientId };
    const sent = await chat.send("ben", input);
    await chat.react("ann", { messageId: sent.id, emoji: "👍", on: true });
    const removed = await chat.remove("ben", { messageId: sent.id });
    expect(removed).toEqual({
      ...sent,
      text: "",
      attachments: [],
      reactions: [],
      removedAt: expect.any(String),
      version: expect.any(String),
    });
    expect((await history()).items.map(({ id }) => id)).toEqual([sent.id, before]);
    expect(attached.size).toBe(0);
    expect(await db.selectFrom("message_reactions").selectAll().execute()).toEqual([]);
    const rows = await db.selectFrom("messages").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain("secret");
    // Once removed, always removed, also when it is sent again.
    expect(await chat.remove("ben", { messageId: sent.id })).toEqual(removed);
    expect(await chat.send("ben", input)).toEqual(removed);
    await expect(chat.edit("ben", { messageId: sent.id, text: "x" })).rejects.toMatchObject(
      notFound,
    );
    const reaction = { messageId: sent.id, emoji: "👍", on: true };
    await expect(chat.react("ann", reaction)).rejects.toMatchObject(notFound);
  });

  it("leaves one tombstone where two remove a message at once", async () => {
    const { chat, send } = await setUp();
    const { id: messageId } = await send("spam");
    const [one, other] = await Promise.all([
      chat.remove("ann", { messageId }),
      chat.remove("ann", { messageId }),
    ]);
    expect(other).toEqual(one);
    expect(one.removedAt).toBeDefined();
  });

  it("lets moderators remove what others wrote", async () => {
    const { chat, roles, send } = await setUp();
    const { id: messageId } = await send("spam", "ann");
    await expect(chat.remove("ben", { messageId })).rejects.toMatchObject({
      reason: "NOT_YOUR_MESSAGE",
    });
    roles.set("kitchen ben", "moderator");
    expect((await chat.remove("ben", { messageId })).removedAt).toBeDefined();
  });

  it("counts reactions, each person's once, in the order in which the emoji came", async () => {
    const { chat, send } = await setUp();
    const { id: messageId, version } = await send("party?");
    const react = (accountId: string, emoji: string, on = true) =>
      chat.react(accountId, { messageId, emoji, on });
    await Promise.all([react("ben", "🎉"), react("ben", "🎉")]);
    await react("ann", "❤️");
    const reacted = await react("ann", "🎉");
    expect(reacted.reactions).toEqual([
      { emoji: "🎉", count: 2, accountIds: ["ben", "ann"] },
      { emoji: "❤️", count: 1, accountIds: ["ann"] },
    ]);
    expect(reacted.version > version).toBe(true);
    expect((await react("ann", "🎉")).version).toBe(reacted.version);
    await react("ben", "🎉", false);
    expect((await react("ann", "🎉", false)).reactions).toEqual([
      { emoji: "❤️", count: 1, accountIds: ["ann"] },
    ]);
    await expect(react("cleo", "🎉")).rejects.toMatchObject({ reason: "ROLE_TOO_LOW" });
  });

  it("bounds how many different reactions a message has, and how many people are named", async () => {
    const { chat, db, roles, send } = await setUp();
    const { id: messageId } = await send("popular");
    const emoji = Array.from({ length: REACTION_LIMIT + 1 }, (_, index) =>
      String.fromCodePoint(0x1f600 + index),
    );
    for (const one of emoji.slice(1)) {
      await chat.react("ann", { messageId, emoji: one, on: true });
    }
    const tooMany = chat.react("ben", { messageId, emoji: emoji[0] ?? "", on: true });
    await expect(tooMany).rejects.toMatchObject({ reason: "TOO_MANY_REACTIONS" });
    for (let count = 0; count < REACTING_LIMIT + 2; count += 1) {
      const accountId = `fan ${count}`;
      await insertSampleAccount(db, accountId);
      roles.set(`kitchen ${accountId}`, "member");
      await chat.react(accountId, { messageId, emoji: emoji[1] ?? "", on: true });
    }
    const { reactions } = await chat.react("ben", { messageId, emoji: emoji[2] ?? "", on: true });
    expect(reactions[0]?.count).toBe(REACTING_LIMIT + 3);
    expect(reactions[0]?.accountIds).toHaveLength(REACTING_LIMIT);
  });

  it("tells those who follow, and those who come back, each message as it is by then", async () => {
    const { chat, roomId, send } = await setUp();
    const first = await send("one");
    const second = await send("two");
    const following = chat.follow("ben", { roomId, lastEventId: second.version }, never);
    const next = following.next();
    await chat.react("ann", { messageId: first.id, emoji: "👍", on: true });
    expect((await next).value).toMatchObject({ id: first.id, text: "one" });
    const edited = await chat.edit("ann", { messageId: first.id, text: "ONE" });
    const removed = await chat.remove("ann", { messageId: second.id });
    const third = await send("three");
    const rest = await take(following, 3);
    expect(rest).toEqual([edited, removed, third]);

    const resume = async (lastEventId: string, count: number) =>
      take(chat.follow("ben", { roomId, lastEventId }, never), count);
    expect(await resume(second.version, 3)).toEqual([edited, removed, third]);
    expect(await resume(edited.version, 2)).toEqual([removed, third]);
    expect(await resume(BEFORE_FIRST_MESSAGE, 3)).toEqual([edited, removed, third]);
  });

  it("keeps read marks, which never go back, and counts what is unread", async () => {
    const { chat, roomId, send } = await setUp();
    const following = chat.followEvents("ann", { roomId }, never);
    const snapshot = { type: "snapshot", reads: [], typing: [] };
    expect((await following.next()).value?.event).toEqual(snapshot);
    const events = take(following, 2);
    const first = await send("one");
    await send("two");
    const mine = await send("mine", "ben");
    // Of the others nothing is said.
    const unread = () => chat.unread("ben", [roomId, "cellar", "nowhere"]);
    expect(await unread()).toEqual([{ roomId, unread: 2 }]);
    const mark = (messageId: string) => chat.markRead("ben", { roomId, messageId });
    await mark(first.id);
    expect(await unread()).toEqual([{ roomId, unread: 1, readTo: first.id }]);
    await mark(mine.id);
    await mark(first.id);
    await send("three");
    const removed = await send("four");
    await chat.remove("ann", { messageId: removed.id });
    expect(await unread()).toEqual([{ roomId, unread: 1, readTo: mine.id }]);
    expect((await events).map(({ event }) => event)).toEqual([
      { type: "read", accountId: "ben", messageId: first.id },
      { type: "read", accountId: "ben", messageId: mine.id },
    ]);
    const [again] = await take(chat.followEvents("ann", { roomId }, never), 1);
    expect(again?.event).toMatchObject({ reads: [{ accountId: "ben", messageId: mine.id }] });
    await expect(mark("none")).rejects.toMatchObject(notFound);
  });

  it("tells nobody who read and typed while they were sent out", async () => {
    const { cameAt, chat, roomId } = await setUp();
    const [start] = await take(chat.followEvents("ben", { roomId }, never), 1);
    await chat.setTyping("ann", { roomId, typing: true });
    const lastEventId = start?.id;
    const resume = async () =>
      (await take(chat.followEvents("ben", { roomId, lastEventId }, never), 1))[0]?.event.type;
    expect(await resume()).toBe("typing");
    cameAt.set("ben", new Date(Date.now() + 1000).toISOString());
    expect(await resume()).toBe("snapshot");
  });

  it("tells who types, until they send, stop, or aren't heard of any more", async () => {
    const { chat, roomId, send } = await setUp();
    const following = chat.followEvents("ann", { roomId }, never);
    await following.next();
    const type = (typing: boolean) => chat.setTyping("ben", { roomId, typing });
    const next = async () => (await following.next()).value?.event;
    await type(true);
    await type(true);
    expect(await next()).toEqual({ type: "typing", accountId: "ben", typing: true });
    await send("done", "ben");
    expect(await next()).toEqual({ type: "typing", accountId: "ben", typing: false });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await type(true);
      await type(false);
      await type(true);
      vi.advanceTimersByTime(10_000);
    } finally {
      vi.useRealTimers();
    }
    const said = [await next(), await next(), await next(), await next()];
    expect(said.map((event) => event?.type === "typing" && event.typing)).toEqual([
      true,
      false,
      true,
      false,
    ]);
    await expect(chat.setTyping("cleo", { roomId, typing: true })).rejects.toMatchObject({
      reason: "ROLE_TOO_LOW",
    });
  });

  it("leaves nothing of an account that is erased, and tells everyone who shows it", async () => {
    const { attached, chat, db, history, roomId, send } = await setUp();
    const kept = await send("kept");
    await chat.react("ben", { messageId: kept.id, emoji: "👍", on: true });
    await chat.react("ann", { messageId: kept.id, emoji: "👍", on: true });
    for (let count = 0; count < 120; count += 1) await send(`private ${count}`, "ben");
    await chat.send("ben", { roomId, text: "", attachments: ["cat"], clientId: "photo" });
    await chat.markRead("ben", { roomId, messageId: kept.id });
    const { position } = await history();
    const following = chat.follow("ann", { roomId, lastEventId: position }, never);
    const told = take(following, 122);

    await chat.erase("ben");
    const changes = await told;
    expect(changes.filter(({ removedAt }) => removedAt !== undefined)).toHaveLength(121);
    const [last] = changes.slice(-1);
    expect(last?.reactions).toEqual([{ emoji: "👍", count: 1, accountIds: ["ann"] }]);
    expect((await history()).items[0]?.author).toEqual({ accountId: "", name: "" });

    const tables = ["messages", "message_reactions", "read_marks", "message_search"] as const;
    for (const table of tables) {
      const rows = db.withTables<Record<string, object>>().selectFrom(table).selectAll();
      expect(JSON.stringify(await rows.execute())).not.toMatch(/ben|private/u);
    }
    expect(attached.size).toBe(0);
    await db.deleteFrom("accounts").where("id", "=", "ben").execute();
    expect((await history()).items).toHaveLength(100);
  });

  it("goes with its room, bit by bit, so that everything else goes on meanwhile", async () => {
    const { chat, db, roomId, send } = await openChatRoom(open);
    for (let index = 0; index < 70; index += 1) await send(`message ${index}`);
    await chat.send("ann", { roomId: "cellar", text: "elsewhere", clientId: "1" });
    let turns = 0;
    let counting = setImmediate(function count() {
      turns += 1;
      counting = setImmediate(count);
    });
    await chat.emptyRoom(roomId);
    clearImmediate(counting);
    expect(turns).toBeGreaterThanOrEqual(3);
    const left = await db.selectFrom("messages").select(["room_id", "text"]).execute();
    expect(left).toContainEqual({ room_id: "cellar", text: "elsewhere" });
    // So few may go with the room itself.
    expect(left.length).toBeLessThanOrEqual(20);
    expect((await chat.search("ann", { roomId, text: "message", limit: 50 })).items).toHaveLength(
      left.length - 1,
    );
  });

  it("is not there any more when its room, or who writes, goes at that moment", async () => {
    const { db, roomId, send } = await setUp();
    const gone = { reason: "ROOM_NOT_FOUND" };
    await db.deleteFrom("accounts").where("id", "=", "ben").execute();
    await expect(send("late", "ben")).rejects.toMatchObject(gone);
    await db.deleteFrom("rooms").where("id", "=", roomId).execute();
    await expect(send("too late")).rejects.toMatchObject(gone);
  });

  it("keeps nothing for long in a room without a history", async () => {
    const { attached, chat, history, roomId, send, withoutHistory } = await setUp();
    const first = await send("first");
    const later = Date.now() + 10 * 60 * 1000;
    expect(await chat.sweep(later)).toBe(0);
    withoutHistory.push(roomId);
    await chat.send("ann", { roomId, text: "", attachments: ["cat"], clientId: "photo" });
    expect(await chat.sweep()).toBe(0);
    expect((await history()).items).toHaveLength(2);
    expect(await chat.sweep(later)).toBe(2);
    expect((await history()).items).toEqual([]);
    expect(await chat.search("ann", { roomId, text: "first", limit: 10 })).toEqual({ items: [] });
    expect(attached.size).toBe(0);
    // What comes next has a later place than all that was there.
    expect((await send("next")).id > first.id).toBe(true);
  });
});
