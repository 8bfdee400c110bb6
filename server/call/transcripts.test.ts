import { expect, it, vi } from "vitest";
import type { CaptionEvent } from "../../shared/call.ts";
import type { CaptionFormat } from "../../shared/caption.ts";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import type { Database } from "../database/database.ts";
import { type OpenTestDatabase, describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount, insertSampleRoom } from "../database/testing/sample-rows.ts";
import { databaseUnavailable } from "../database/database-errors.ts";
import { silentLog } from "../kit/log.ts";
import { CaptionRecorder } from "./caption-recorder.ts";
import { createTranscripts } from "./transcripts.ts";
import { recoverDrafts } from "./write-captions.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const roomId = "kitchen";
const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
const speaker = (accountId: string) => ({ accountId, name: accountId });

type Said = { by?: string; language?: string; at?: number; cut?: boolean };

function final(id: string, text: string, said: Said = {}): CaptionEvent {
  const { by = "ann", language = "en", at = 0, cut = false } = said;
  const times = { startedAt: time(at), endedAt: time(at + 1) };
  return { type: "final", utteranceId: id, speaker: speaker(by), language, ...times, text, cut };
}

function partial(id: string, stable: string, by = "ann"): CaptionEvent {
  const common = { speaker: speaker(by), language: "en", startedAt: time(0) };
  return { type: "partial", utteranceId: id, ...common, stable, unstable: "" };
}

function translation(id: string, language: string, text: string): CaptionEvent {
  return {
    type: "translation",
    utteranceId: id,
    speaker: speaker("ann"),
    language,
    text,
    final: true,
  };
}

/** Everyone is a moderator of every room. */
async function openKitchen(
  open: OpenTestDatabase,
  kept: { keepCaptions: boolean } = { keepCaptions: true },
) {
  const { db } = await open();
  for (const name of ["ann", "bea"]) await insertSampleAccount(db, name);
  await insertSampleRoom(db, roomId);
  return { db, ...start(db, kept) };
}

function start(db: Database, kept: { keepCaptions: boolean }) {
  const settings = vi.fn(() => Promise.resolve({ ...kept }));
  const clock = { now: 0 };
  const recorder = new CaptionRecorder({ db, settings, log: silentLog, now: () => clock.now });
  const translate = vi.fn(({ text, to }: { text: string; to: string }) =>
    Promise.resolve(`[${to}] ${text}`),
  );
  const transcripts = createTranscripts({
    db,
    bus: new EmbeddedBus(),
    recorder,
    requireMember: () => Promise.resolve("moderator"),
    membership: (_roomId, _accountId, _procedure, signal) => Promise.resolve(signal),
    requireSpeaker: () => Promise.resolve(),
    account: (accountId) => Promise.resolve({ name: accountId }),
    translatorFor: () => ({ translate }),
    log: silentLog,
  });
  const say = (...events: CaptionEvent[]) => {
    for (const event of events) recorder.record(roomId, event);
  };
  const list = async (
    input: { limit?: number; cursor?: string; direction?: "before" | "after" } = {},
  ) => transcripts.list("bea", { roomId, limit: 100, ...input });
  const texts = async () => (await list()).items.map(({ text }) => text);
  const find = async (text: string) =>
    (await transcripts.search("bea", { roomId, text, limit: 10 })).items.map(({ id }) => id);
  const take = async (format: CaptionFormat) =>
    transcripts.export(
      "bea",
      { roomId, selection: { format, content: "original" } },
      new AbortController().signal,
    );
  return { clock, recorder, transcripts, settings, translate, say, list, texts, find, take };
}

describeEachDialect("captions that are kept", (open) => {
  it("are there in the order in which they were finished, with their translations", async () => {
    const { say, list } = await openKitchen(open);
    say(
      final("1", "one"),
      final("2", "two", { by: "bea", cut: true }),
      translation("1", "fr", "un"),
      translation("1", "es", "uno"),
      final("3", ""),
      translation("3", "es", "nada"),
    );
    const { items } = await list();
    expect(items.map(({ id, speaker, cut }) => [id, speaker.name, cut])).toEqual([
      ["2", "bea", true],
      ["1", "ann", false],
    ]);
    expect(items[1]?.translations.map(({ text }) => text)).toEqual(["uno", "un"]);
  });

  it("are paged both ways with no gap and no repeat while more come", async () => {
    const { say, list } = await openKitchen(open);
    const speak = (from: number, count: number) =>
      say(...Array.from({ length: count }, (_, index) => final(`${from + index}`, "word")));
    speak(0, 120);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 50, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      speak(1000 + seen.length, 3);
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: 120 }, (_, index) => `${119 - index}`));

    const again: string[] = [];
    do {
      const page = await list({ limit: 50, direction: "after", ...(cursor && { cursor }) });
      again.push(...page.items.map(({ id }) => id).toReversed());
      cursor = page.nextCursor;
      if (again.length === 50) speak(2000, 4);
    } while (cursor);
    expect(again).toHaveLength(new Set(again).size);
    expect(again.slice(0, 120)).toEqual(seen.toReversed());
    expect(again.slice(-4)).toEqual(["2000", "2001", "2002", "2003"]);
    await expect(list({ cursor: "nonsense" })).rejects.toMatchObject({ reason: "CURSOR_INVALID" });
  });

  it("are found in any script, in the original and in translations, as they are now", async () => {
    const { say, find, transcripts } = await openKitchen(open);
    say(
      final("1", "我想去吃早餐", { language: "zh" }),
      translation("1", "ja", "朝ごはんを食べに行きたい"),
      translation("1", "en", "I'd like to go for breakfast"),
      final("2", "Кофе, пожалуйста"),
      final("3", "ผมอยากกินข้าว"),
    );
    for (const [query, ids] of [
      ["早餐", ["1"]],
      ["食べ", ["1"]],
      ["BREAKFAST like", ["1"]],
      ["кофе", ["2"]],
      ["กิน", ["3"]],
      ["晚餐", []],
    ] as const) {
      expect([query, await find(query)]).toEqual([query, ids]);
    }
    say(final("4", "breakfast again"));
    const page = { roomId, text: "breakfast", limit: 1 };
    const newest = await transcripts.search("bea", page);
    const older = await transcripts.search("bea", { ...page, cursor: newest.nextCursor });
    expect([newest, older].map(({ items }) => items.map(({ id }) => id))).toEqual([["4"], ["1"]]);
    expect(older.nextCursor).toBeUndefined();
    await transcripts.remove("bea", { captionId: "4" });
    await transcripts.correct("bea", { captionId: "1", text: "我想去吃晚餐" });
    expect(await find("晚餐")).toEqual(["1"]);
    expect(await find("早餐")).toEqual([]);
    await eventually(async () => expect(await find("breakfast")).toEqual([]));
    await transcripts.remove("bea", { captionId: "1" });
    expect(await find("晚餐")).toEqual([]);
  });

  it("are corrected and translated anew; the newest correction wins, however slow translators are", async () => {
    const { say, list, transcripts, translate } = await openKitchen(open);
    say(final("1", "one"), translation("1", "es", "uno"));
    const slow = Promise.withResolvers<string>();
    translate.mockReturnValueOnce(slow.promise);
    const first = await transcripts.correct("bea", { captionId: "1", text: "two" });
    expect(first).toMatchObject({
      text: "two",
      edition: 1,
      correction: { by: speaker("bea"), original: "one" },
      translations: [{ text: "uno", outdated: true }],
    });
    const second = await transcripts.correct("ann", { captionId: "1", text: "three" });
    expect(second.correction).toMatchObject({ by: speaker("ann"), original: "one" });
    const current = async () => (await list()).items[0];
    await eventually(async () => {
      expect((await current())?.translations).toMatchObject([
        { text: "[es] three", outdated: false },
      ]);
    });
    slow.resolve("[es] two");
    await transcripts.close();
    expect(await current()).toMatchObject({ edition: 2, translations: [{ text: "[es] three" }] });
    // The same text again is no correction.
    expect((await transcripts.correct("bea", { captionId: "1", text: "three" })).edition).toBe(2);
  });

  it("are translated anew, too, when a translation of what was said comes after its correction", async () => {
    const { say, list, transcripts } = await openKitchen(open);
    say(final("1", "one"));
    await transcripts.correct("ann", { captionId: "1", text: "two" });
    say(translation("1", "es", "uno"));
    await eventually(async () => {
      expect((await list()).items[0]?.translations).toEqual([
        { language: "es", text: "[es] two", outdated: false },
      ]);
    });
  });

  it("keep the translation of a correction when one of what was said before comes late", async () => {
    const { say, list, transcripts, translate } = await openKitchen(open);
    say(final("1", "one"), translation("1", "es", "uno"));
    await transcripts.correct("ann", { captionId: "1", text: "two" });
    const translations = async () => (await list()).items[0]?.translations;
    const corrected = [{ language: "es", text: "[es] two", outdated: false }];
    await vi.waitFor(async () => expect(await translations()).toEqual(corrected), 20_000);
    translate.mockRejectedValue(new Error("out of order"));
    say(translation("1", "es", "uno"));
    expect(await translations()).toEqual(corrected);
  });

  it("are kept without what no database takes, and beside one that none does", async () => {
    const { say, texts } = await openKitchen(open);
    say(final("1", "on\0e"), final("2\0", "two"), final("3", "three"));
    expect((await texts()).filter((text) => text !== "two")).toEqual(["three", "one"]);
  });

  it("keep what people were saying when the server died, marked as cut", async () => {
    const { db, say, recorder } = await openKitchen(open);
    say(partial("1", ""), partial("1", "good"), partial("2", "and", "bea"), final("2", "and you"));
    say(translation("2", "es", "y tú"));
    await recorder.settled();
    // It died here; another one begins.
    expect(await recoverDrafts(db)).toBe(1);
    const { list, find, say: later } = start(db, { keepCaptions: true });
    const seen = async () => (await list()).items.map(({ id, text, cut }) => [id, text, cut]);
    expect(await seen()).toEqual([
      ["1", "good", true],
      ["2", "and you", false],
    ]);
    expect(await find("good")).toEqual(["1"]);
    expect(await recoverDrafts(db)).toBe(0);
    // It was another server that lived on.
    later(final("1", "good morning"));
    expect(await seen()).toContainEqual(["1", "good morning", false]);
  });

  it("are put down as they grow, now and then, so that a crash costs seconds at most", async () => {
    const { db, say, recorder, clock } = await openKitchen(open);
    const kept = async () => {
      await recorder.settled();
      return (await db.selectFrom("caption_drafts").select("text").executeTakeFirst())?.text;
    };
    for (const [at, text, expected] of [
      [0, "one", "one"],
      [1900, "one two", "one"],
      [2100, "one two three", "one two three"],
    ] as const) {
      clock.now = at;
      say(partial("1", text));
      expect(await kept()).toBe(expected);
    }
  });

  it("aren't, where the room does not keep them, from the moment on that it doesn't", async () => {
    const kept = { keepCaptions: true };
    const { db, say, texts, settings } = await openKitchen(open, kept);
    say(final("1", "one"));
    expect(await texts()).toEqual(["one"]);
    say(partial("2", "tw"));
    await texts();
    settings.mockResolvedValue({ keepCaptions: false });
    say(final("2", "two"), translation("2", "es", "dos"), partial("3", "three"));
    expect(await texts()).toEqual(["one"]);
    expect(await db.selectFrom("caption_drafts").selectAll().execute()).toEqual([]);
  });

  it("wait for a database that can't be reached, and lose nothing and no order", async () => {
    const { say, texts, settings } = await openKitchen(open);
    settings.mockRejectedValueOnce(databaseUnavailable(new Error("locked")));
    say(final("1", "one"));
    expect(await texts()).toEqual([]);
    say(final("2", "two"), final("3", "three"));
    await eventually(async () => expect(await texts()).toEqual(["three", "two", "one"]));
  });

  it("leave nothing behind with their speaker, or their room", async () => {
    const { db, say, list, find, transcripts } = await openKitchen(open);
    const rows = async () => {
      const tables = ["caption_drafts", "captions", "caption_translations"] as const;
      const all = await Promise.all(
        tables.map((table) => db.selectFrom(table).selectAll().execute()),
      );
      return all.flat().length;
    };
    say(final("1", "one"), translation("1", "es", "uno"), partial("2", "two"));
    say(final("3", "three", { by: "bea" }));
    await list();
    await transcripts.correct("ann", { captionId: "3", text: "four" });
    await transcripts.erase("ann");
    await db.deleteFrom("accounts").where("id", "=", "ann").execute();
    // What was under way when she went.
    say(final("2", "two"), translation("2", "es", "dos"));
    const { items } = await list();
    expect(items.map(({ text }) => text)).toEqual(["four"]);
    expect(items[0]?.correction).toEqual({ at: expect.any(String), original: "three" });
    expect(await rows()).toBe(1);
    say(...Array.from({ length: 50 }, (_, index) => final(`more ${index}`, "four", { by: "bea" })));
    expect((await list()).items).toHaveLength(51);
    await transcripts.emptyRoom(roomId);
    expect(await rows()).toBe(0);
    say(final("last", "four", { by: "bea" }));
    await list();
    await db.deleteFrom("rooms").where("id", "=", roomId).execute();
    expect(await rows()).toBe(0);
    expect(await find("four")).toEqual([]);
  });

  it("are exported no further when the membership ends", async () => {
    const { say, transcripts } = await openKitchen(open);
    say(final("1", "one"));
    const membership = new AbortController();
    const selection = { format: "csv", content: "original" } as const;
    const { parts } = await transcripts.openExport("bea", { roomId, selection }, membership.signal);
    expect((await parts.next()).value).toContain("speaker");
    membership.abort();
    await expect(parts.next()).rejects.toThrow();
  });

  it("are exported as they were said, from their first one's start, however many there are", async () => {
    const { say, take } = await openKitchen(open);
    // Those who speak at once are finished in another order than they began.
    say(final("2", "second", { at: 5 }), final("1", "first", { at: 3 }));
    say(
      ...Array.from({ length: 600 }, (_, index) => final(`n${index}`, "word", { at: 10 + index })),
    );
    const { content } = await take("srt");
    expect(content.split("\n\n").slice(0, 2)).toEqual([
      "1\n00:00:00,000 --> 00:00:01,000\nann: first",
      "2\n00:00:02,000 --> 00:00:03,000\nann: second",
    ]);
    expect(content.match(/-->/gu)).toHaveLength(602);
    expect(JSON.parse((await take("json")).content).captions).toHaveLength(602);
  });
});
