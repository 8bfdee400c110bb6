import { expect, it, vi } from "vitest";
import { BEFORE_FIRST_MESSAGE, type ChatHistory } from "../../shared/chat.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { never, openChatRoom, take } from "./testing/chat-room.ts";
import { eventually } from "../../shared/testing/eventually.ts";

/** The same every time: what fails can be tried again. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const texts = ({ items }: ChatHistory) => items.map(({ text }) => text);

describeEachDialect("history", (open) => {
  async function setUp(count: number) {
    const room = await openChatRoom(open);
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) ids.push((await room.send(`${index}`)).id);
    type Input = Omit<Parameters<typeof room.chat.history>[1], "roomId">;
    const page = (input: Input) => room.chat.history("ann", { roomId: room.roomId, ...input });
    return { ...room, ids, page };
  }

  it("is read back page by page, newest first, until there is no more", async () => {
    const { page } = await setUp(7);
    const first = await page({ limit: 3 });
    expect(texts(first)).toEqual(["6", "5", "4"]);
    expect(first).not.toHaveProperty("newerCursor");
    expect(first.nextCursor).toBe(first.olderCursor);
    const second = await page({ limit: 3, cursor: first.nextCursor });
    expect(texts(second)).toEqual(["3", "2", "1"]);
    const third = await page({ limit: 3, cursor: second.nextCursor });
    expect(texts(third)).toEqual(["0"]);
    expect(third).not.toHaveProperty("olderCursor");
    expect(third).not.toHaveProperty("nextCursor");
  });

  it("is read in the other direction from any page on, and from the beginning", async () => {
    const { page, send } = await setUp(7);
    const { olderCursor } = await page({ limit: 3 });
    const older = await page({ limit: 2, cursor: olderCursor });
    expect(texts(older)).toEqual(["3", "2"]);
    const back = await page({ limit: 2, cursor: older.newerCursor, direction: "after" });
    expect(texts(back)).toEqual(["5", "4"]);
    expect(back.nextCursor).toBe(back.newerCursor);
    const newest = await page({ limit: 2, cursor: back.newerCursor, direction: "after" });
    expect(texts(newest)).toEqual(["6"]);
    expect(newest).not.toHaveProperty("newerCursor");
    await send("7");
    const start = await page({ limit: 3, direction: "after" });
    expect(texts(start)).toEqual(["2", "1", "0"]);
    expect(start).not.toHaveProperty("olderCursor");
  });

  it("is read around a message, with cursors to both sides", async () => {
    const { ids, page } = await setUp(9);
    const middle = await page({ limit: 4, around: ids[4] });
    expect(texts(middle)).toEqual(["5", "4", "3", "2"]);
    expect(texts(await page({ limit: 9, cursor: middle.olderCursor }))).toEqual(["1", "0"]);
    const newer = await page({ limit: 9, cursor: middle.newerCursor, direction: "after" });
    expect(texts(newer)).toEqual(["8", "7", "6"]);
    const end = await page({ limit: 4, around: ids[8] });
    expect(texts(end)).toEqual(["8", "7", "6", "5"]);
    expect(end).not.toHaveProperty("newerCursor");
    const start = await page({ limit: 5, around: ids[0] });
    expect(texts(start)).toEqual(["2", "1", "0"]);
    expect(start).not.toHaveProperty("olderCursor");
    expect(texts(await page({ limit: 1, around: ids[3] }))).toEqual(["3"]);
    const nowhere = page({ limit: 5, around: "none" });
    await expect(nowhere).rejects.toMatchObject({ reason: "MESSAGE_NOT_FOUND" });
  });

  it("is not there for who comes later, where none is kept", async () => {
    const translate = vi.fn(({ text }: { text: string }) => Promise.resolve(text.toUpperCase()));
    const { cameAt, chat, roomId, send } = await openChatRoom(open, {
      translatorFor: () => ({ translate }),
    });
    const before = await send("said before");
    await eventually(() => expect(new Date().toISOString() > before.sentAt).toBe(true));
    cameAt.set("ben", new Date().toISOString());
    const after = await send("said after");
    await chat.edit("ann", { messageId: before.id, text: "said long before" });

    const read = async (reader: string) => {
      const asked = { roomId, limit: 10 };
      const pages = [
        await chat.history(reader, asked),
        await chat.history(reader, { ...asked, direction: "after" }),
        await chat.history(reader, { ...asked, around: after.id }),
        await chat.search(reader, { ...asked, text: "said" }),
      ];
      return pages.map((page) => page.items.map(({ id }) => id));
    };
    expect(await read("ben")).toEqual(Array.from({ length: 4 }, () => [after.id]));
    expect(await read("ann")).toEqual(Array.from({ length: 4 }, () => [after.id, before.id]));
    const around = chat.history("ben", { roomId, limit: 10, around: before.id });
    await expect(around).rejects.toMatchObject({ reason: "MESSAGE_NOT_FOUND" });
    const messageIds = [before.id, after.id];
    const translated = await chat.translations("ben", { roomId, messageIds, read: "es" });
    expect(translated.map(({ messageId }) => messageId)).toEqual([after.id]);

    const following = chat.follow("ben", { roomId, lastEventId: BEFORE_FIRST_MESSAGE }, never);
    const first = await take(following, 1);
    const live = take(chat.follow("ben", { roomId, lastEventId: after.version }, never), 1);
    await chat.remove("ann", { messageId: before.id });
    const next = await send("said at last");
    expect([...first, ...(await live)].map(({ id }) => id)).toEqual([after.id, next.id]);
  });

  it("is no way around for who comes later and knows what a message is called", async () => {
    const { cameAt, chat, roomId, send } = await openChatRoom(open, {
      translatorFor: () => ({ translate: ({ text }) => Promise.resolve(`es: ${text}`) }),
    });
    const { id: messageId } = await send("hidden");
    const mine = await send("mine, when I was here before", "ben");
    await eventually(() => expect(new Date().toISOString() > mine.sentAt).toBe(true));
    cameAt.set("ben", new Date().toISOString());
    const notThere = [
      chat.react("ben", { messageId, emoji: "👍", on: true }),
      chat.edit("ben", { messageId: mine.id, text: "x" }),
      chat.remove("ben", { messageId: mine.id }),
      chat.markRead("ben", { roomId, messageId }),
      chat.send("ben", { roomId, text: "?", replyTo: messageId, clientId: "?" }),
    ];
    for (const result of await Promise.allSettled(notThere)) {
      expect(result).toMatchObject({ reason: { reason: "MESSAGE_NOT_FOUND" } });
    }
    expect(await chat.unread("ben", [roomId])).toEqual([{ roomId, unread: 0 }]);
    const translated: string[] = [];
    void (async () => {
      const reading = { roomId, read: "es" };
      for await (const { event } of chat.followTranslations("ben", reading, never)) {
        translated.push(event.messageId);
      }
    })();
    await eventually(async () => {
      await send("is anybody there?");
      expect(translated).not.toEqual([]);
    });
    const { position: lastEventId } = await chat.history("ben", { roomId, limit: 1 });
    const live = take(chat.follow("ben", { roomId, lastEventId }, never), 1);

    await chat.edit("ann", { messageId, text: "hidden away" });
    // Of what others answer, the place alone is there.
    const answering = { roomId, text: "answer", replyTo: messageId, clientId: "answer" };
    const answer = await chat.send("ann", answering);
    expect(answer.replyTo?.text).toBe("hidden away");
    const seen = [
      ...(await live),
      ...(await chat.history("ben", { roomId, limit: 1 })).items,
      ...(await chat.search("ben", { roomId, text: "answer", limit: 1 })).items,
      await chat.react("ben", { messageId: answer.id, emoji: "👍", on: true }),
    ];
    const author = { accountId: "", name: "" };
    const quote = { id: messageId, author, text: "", removed: true };
    expect(seen.map(({ replyTo }) => replyTo)).toEqual(seen.map(() => quote));
    await eventually(() => expect(translated).toContain(answer.id));
    expect(translated).not.toContain(messageId);
  });

  it("refuses a cursor that no page gave", async () => {
    const { page } = await setUp(1);
    for (const cursor of ["bm9wZQ", "LTE", "%%", Buffer.from("1e9999").toString("base64url")]) {
      await expect(page({ limit: 1, cursor })).rejects.toMatchObject({ reason: "CURSOR_INVALID" });
    }
  });

  it.each([1, 2, 3])(
    "has no gaps and no repeats while messages come, are edited and removed (seed %i)",
    async (seed) => {
      const { chat, ids, page, send } = await setUp(60);
      const random = createRandom(seed);
      const disturb = async () => {
        const messageId = ids[random(ids.length)] ?? "";
        const act = [
          () => send("new"),
          () => chat.edit("ann", { messageId, text: `edited ${random(1000)}` }),
          () => chat.remove("ann", { messageId }),
          () => chat.react("ben", { messageId, emoji: "👍", on: random(2) === 0 }),
        ][random(4)];
        await act?.().catch((error: unknown) =>
          // It was removed before.
          expect(error).toMatchObject({ reason: "MESSAGE_NOT_FOUND" }),
        );
      };
      const readAll = async (direction: "before" | "after") => {
        const read: string[] = [];
        for (let cursor: string | undefined; ;) {
          const limit = 1 + random(10);
          const [found] = await Promise.all([page({ limit, cursor, direction }), disturb()]);
          const found_ids = found.items.map(({ id }) => id);
          read.push(...(direction === "after" ? found_ids.toReversed() : found_ids));
          cursor = found.nextCursor;
          if (cursor === undefined) return read;
        }
      };
      const backward = (await readAll("before")).toReversed();
      // Whatever came before the reading began, each once and in order.
      expect(backward.slice(0, ids.length)).toEqual(ids);
      expect(backward).toEqual(Array.from(new Set(backward)).toSorted());
      const forward = await readAll("after");
      expect(forward.slice(0, backward.length)).toEqual(backward);
      expect(forward).toEqual(Array.from(new Set(forward)).toSorted());
    },
  );
});
