import { describe, expect, it } from "vitest";
import type { Caption, CaptionPage } from "../../../../shared/caption.ts";
import { ParleyError, type Transcript } from "../../../sdk/index.ts";
import { emptyCaptionList, without, withKept } from "./caption-list.ts";
import { TranscriptFeed } from "./transcript-feed.ts";

const caption = (index: number): Caption => ({
  id: `c${index}`,
  roomId: "room",
  speaker: { accountId: "a", name: "Ana" },
  language: "en",
  text: `said ${index}`,
  startedAt: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
  endedAt: new Date(Date.UTC(2026, 0, 1) + index * 1000 + 500).toISOString(),
  cut: false,
  edition: 0,
  translations: [],
});

/** A room in which `count` captions are kept; the cursor is where a page ended. */
function setUp(count: number) {
  const room = { count, fails: false, takesTurn: false };
  const captions = {
    state: { captions: emptyCaptionList },
    addCaptions: (kept: readonly Caption[]) => {
      captions.state = { captions: withKept(captions.state.captions, kept) };
    },
    dropCaption: (captionId: string) => {
      captions.state = { captions: without(captions.state.captions, captionId) };
    },
  };
  const page = ({ cursor, limit = 50 }: { cursor?: string | undefined; limit?: number } = {}) => {
    if (room.fails) return Promise.reject(new ParleyError("CONNECTION_LOST", "gone"));
    const end = cursor === undefined ? room.count : Number(cursor);
    const start = Math.max(0, end - limit);
    const items = Array.from({ length: end - start }, (_, index) => caption(end - 1 - index));
    const answer: CaptionPage = { items, ...(start > 0 && { olderCursor: String(start) }) };
    if (!room.takesTurn) return Promise.resolve(answer);
    return new Promise<CaptionPage>((resolve) => setTimeout(resolve, 0, answer));
  };
  const transcript: Pick<Transcript, "captions" | "correct" | "remove"> = {
    captions: page,
    correct: (_id, text) => Promise.resolve({ ...caption(0), text, edition: 1 }),
    remove: () =>
      room.fails ? Promise.reject(new ParleyError("CONNECTION_LOST", "gone")) : Promise.resolve(),
  };
  const feed = new TranscriptFeed(transcript, captions);
  const shown = () => captions.state.captions.rows.map(({ key }) => key);
  const expected = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `c${from + index}`);
  return { room, feed, shown, expected };
}

describe("what was said before", () => {
  it("is fetched from its end upward, until there is no more", async () => {
    const { feed, shown, expected } = setUp(120);
    await feed.begin();
    expect(shown()).toEqual(expected(70, 120));
    await feed.loadOlder();
    await feed.loadOlder();
    expect(shown()).toEqual(expected(0, 120));
    expect(feed.state.hasOlder).toBe(false);
  });

  it("has no gap after the connection was lost for long", async () => {
    const { room, feed, shown, expected } = setUp(60);
    await feed.begin();
    room.count = 260;
    await feed.begin();
    expect(shown()).toEqual(expected(10, 260));
    await feed.loadOlder();
    expect(shown()).toEqual(expected(0, 260));
  });

  it("is fetched as far as a caption that was found", async () => {
    const { feed } = setUp(180);
    await feed.begin();
    expect(await feed.show("c20")).toBe(true);
    expect(await feed.show("nowhere")).toBe(false);
  });

  it("is fetched as far as what was found last, while pages for another are on their way", async () => {
    const { room, feed } = setUp(480);
    room.takesTurn = true;
    await feed.begin();
    const shown = [feed.show("c320"), feed.loadOlder(), feed.show("c20")];
    expect(await Promise.all(shown)).toEqual([true, undefined, true]);
  });

  it("says why it can't be fetched, and is fetched later", async () => {
    const { room, feed, shown } = setUp(3);
    room.fails = true;
    await feed.begin();
    expect(feed.state.error?.reason).toBe("CONNECTION_LOST");
    room.fails = false;
    await feed.begin();
    expect(feed.state.error).toBeUndefined();
    expect(shown()).toHaveLength(3);
  });

  it("shows a correction that was saved", async () => {
    const { feed, shown } = setUp(1);
    await feed.begin();
    expect(await feed.correct("c0", "meant")).toBe(true);
    expect(shown()).toEqual(["c0"]);
  });

  it("no longer shows what was removed, and says why something could not be", async () => {
    const { room, feed, shown } = setUp(2);
    await feed.begin();
    room.fails = true;
    expect(await feed.remove("c0")).toBe(false);
    expect(feed.state.error?.reason).toBe("CONNECTION_LOST");
    expect(shown()).toEqual(["c0", "c1"]);
    room.fails = false;
    expect(await feed.remove("c0")).toBe(true);
    expect(shown()).toEqual(["c1"]);
  });
});
