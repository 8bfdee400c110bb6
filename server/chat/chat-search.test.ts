import { sql } from "kysely";
import { expect, it } from "vitest";
import { createMigrator } from "../database/migrations.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount, insertSampleRoom } from "../database/testing/sample-rows.ts";
import { searchPhrases } from "../kit/search-words.ts";
import { searchRoom } from "../database/full-text.ts";
import { openChatRoom } from "./testing/chat-room.ts";

const said = [
  "The train to Köln leaves at 9:30",
  "今天天气很好，我们去公园吧",
  "東京タワーに行きました",
  "내일 한국어를 배워요",
  "สวัสดีครับ",
  "¿Dónde está la estación del TREN?",
  "مُحَمَّد في البيت",
  'a_b c\'d "e" OR NOT (f) * : & | ! <-> g',
  "<script>alert('x')</script> \u202eright\u202c",
  "天气预报说明天下雨",
];

describeEachDialect("search", (open) => {
  async function setUp() {
    const room = await openChatRoom(open);
    for (const text of said) await room.send(text);
    const search = async (text: string, reader = "ann") => {
      const found = await room.chat.search(reader, { roomId: room.roomId, text, limit: 100 });
      return found.items.map((message) => said.indexOf(message.text));
    };
    return { ...room, search };
  }

  it("finds words of any script, whatever their case, width and accents, newest first", async () => {
    const { search } = await setUp();
    const found: Record<string, number[]> = {
      "koln TRAIN": [0],
      ＫÖＬＮ: [0],
      "9 30": [0],
      天气: [9, 1],
      天: [9, 1],
      天气很好: [1],
      好公: [],
      ﾀﾜｰ: [2],
      행: [],
      국어: [3],
      สวัสดี: [4],
      donde: [5],
      tren: [5],
      محمد: [6],
      right: [8],
      "script alert": [8],
      "train tren": [],
      trai: [],
    };
    const result: Record<string, number[]> = {};
    for (const text of Object.keys(found)) result[text] = await search(text);
    expect(result).toEqual(found);
  });

  it("takes what is searched for as text, never as a query", async () => {
    const { search } = await setUp();
    for (const text of ['"e" OR', "NOT (f)", "g*", "c'd", "a_b & | !", "f <-> g", "e:* g\\"]) {
      expect([text, await search(text)]).toEqual([text, [7]]);
    }
    for (const text of ["OR train", "NOT 天", "xyz*", "'", "!?", "<->", "😀"]) {
      expect([text, await search(text)]).toEqual([text, []]);
    }
  });

  it("says where in the text it found what", async () => {
    const { chat, roomId, send } = await setUp();
    await send("Café, cafe — CAFÉ");
    const { items } = await chat.search("ann", { roomId, text: "cafe", limit: 1 });
    const [{ text, matches } = { text: "", matches: [] }] = items;
    expect(matches.map(([start, end]) => text.slice(start, end))).toEqual(["Café", "cafe", "CAFÉ"]);
  });

  it("gives pages without gaps or repeats while more comes in", async () => {
    const { chat, roomId, send } = await setUp();
    for (let count = 0; count < 25; count += 1) {
      await send(`word ${count}`);
      await send("else");
    }
    const found: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await chat.search("ann", { roomId, text: "word", limit: 10, cursor });
      found.push(...page.items.map(({ text }) => text));
      await send("word later");
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    expect(found).toEqual(Array.from({ length: 25 }, (_, index) => `word ${24 - index}`));
  });

  it("follows edits and removals", async () => {
    const { chat, db, roomId, search, send } = await setUp();
    const { id: messageId } = await send("apple");
    const find = async (text: string) =>
      (await chat.search("ann", { roomId, text, limit: 10 })).items.map(({ id }) => id);
    expect(await find("apple")).toEqual([messageId]);
    await chat.edit("ann", { messageId, text: "banana" });
    expect(await find("apple")).toEqual([]);
    expect(await find("banana")).toEqual([messageId]);
    await chat.remove("ann", { messageId });
    expect(await find("banana")).toEqual([]);
    await send("cherry");
    expect(await find("cherry")).toHaveLength(1);
    // A room that goes takes its index along.
    await db.deleteFrom("rooms").where("id", "=", roomId).execute();
    const { rows } = await sql`select * from message_search`.execute(db);
    expect(rows).toEqual([]);
    expect(await search("天")).toEqual([]);
  });

  it("stays within the room, and is for its members", async () => {
    const { chat, search } = await setUp();
    await chat.send("ann", { roomId: "cellar", text: "secret train", clientId: "1" });
    expect(await search("secret")).toEqual([]);
    expect(await search("train")).toEqual([0]);
    const elsewhere = chat.search("ben", { roomId: "cellar", text: "secret", limit: 1 });
    await expect(elsewhere).rejects.toMatchObject({ reason: "NOT_A_MEMBER" });
  });

  it("holds the longest messages there are", async () => {
    const { chat, roomId, send } = await setUp();
    const letters = Array.from({ length: 4000 }, (_, index) =>
      String.fromCodePoint(0x4e00 + (index % 3000)),
    ).join("");
    for (const text of [letters, "é".repeat(4000), "x ".repeat(2000).trim(), "哈".repeat(4000)]) {
      const { id } = await send(text);
      const query = text.slice(100, 200).trim();
      const { items } = await chat.search("ann", { roomId, text: query, limit: 1 });
      expect(items.map((message) => message.id)).toEqual([id]);
    }
  });

  it("finds what was said before there was a search", async () => {
    const { db } = await open({ empty: true });
    await createMigrator(db).migrateTo("0002-accounts");
    await insertSampleAccount(db, "ann");
    await insertSampleRoom(db, "kitchen");
    await sql`
      insert into messages (id, room_id, sequence, author_id, client_id, text, language, sent_at)
      values ('00000001', 'kitchen', 1, 'ann', '1', '今天天气很好', 'zh', '2026-01-01')`.execute(
      db,
    );
    await createMigrator(db).migrateToLatest();
    const found = await searchRoom(db, "message_search", "kitchen", {
      phrases: searchPhrases("天气"),
      limit: 10,
    });
    expect(found).toEqual([{ sequence: 1, place: 1 }]);
  });
});
