import { describe, expect, test } from "vitest";
import { commit } from "./commit.ts";
import { commitPolicy } from "./policy.ts";
import type { Committed, Heard } from "./speech.ts";
import { all } from "./testing/fakes.ts";

/** One utterance: partials 150 ms apart from 0 on, then the final. */
async function committed(
  partials: string[],
  final: string,
  { language = "en", error }: { language?: string; error?: unknown } = {},
) {
  let now = 0;
  const end = partials.length * 150;
  async function* heard(): AsyncGenerator<Heard> {
    yield { type: "started", utteranceId: "u", startedAt: 0 };
    for (const text of partials) {
      now += 150;
      yield { type: "partial", utteranceId: "u", text };
    }
    const ended = { startedAt: 0, endedAt: end, cut: error !== undefined, error };
    yield { type: "ended", utteranceId: "u", text: final, ...ended };
  }
  const items = await all(commit(heard(), { language, now: () => now }));
  const clauses = items.flatMap((item) => (item.type === "clause" ? [item.clause] : []));
  return { items, clauses, texts: clauses.map(({ text }) => text), end };
}

/** Partials as a recogniser gives them that never changes its mind: one word more each time. */
const growing = (text: string) =>
  text.split(" ").map((_, index, words) => words.slice(0, index + 1).join(" "));

describe("clauses", () => {
  test("a short utterance is one, at its end", async () => {
    const text = "could you please open the window";
    const { clauses, items, end } = await committed(growing(text), text);
    expect(clauses).toEqual([
      { utteranceId: "u", index: 0, text, language: "en", endedAt: end, last: true },
    ]);
    expect(items.findIndex(({ type }) => type === "final")).toBe(items.length - 2);
  });

  test("an empty utterance has an empty final and none", async () => {
    expect((await committed([], "")).items).toMatchObject([{ type: "final", text: "" }]);
    expect((await committed(["a", "a b"], "")).texts).toEqual([]);
  });

  test("a sentence is one while the speaker goes on", async () => {
    const text = "I have seen it. Now we should go home together and eat.";
    const { texts, items } = await committed(growing(text), text);
    expect(texts).toEqual(["I have seen it.", "Now we should go home together and eat."]);
    const first = items.findIndex(({ type }) => type === "clause");
    expect(items.slice(first).some(({ type }) => type === "partial")).toBe(true);
  });

  test("a title or a very short sentence doesn't end one", async () => {
    const text = "Yes. Well, Mr. Smith and Dr. Jones came to the party.";
    expect((await committed(growing(text), text)).texts).toEqual([text]);
  });

  test("long speech without punctuation is cut before a conjunction", async () => {
    const text =
      "i went to the market in the morning to buy fresh bread and then my brother called me about the car that he sold";
    const { texts, clauses } = await committed(growing(text), text);
    expect(texts[0]).toBe("i went to the market in the morning to buy fresh bread");
    expect(texts.join(" ")).toBe(text);
    // Said at about 150 ms a word.
    expect(clauses[0]?.endedAt).toBe(12 * 150);
  });

  test("a relative clause is parted from its noun only where nothing better is", async () => {
    const text =
      "she told the man from the big office about an old car that he wanted to buy for his mother in the winter";
    expect((await committed(growing(text), text)).texts).toEqual([
      "she told the man from the big office about an old car",
      "that he wanted to buy for his mother in the winter",
    ]);
  });

  test("very long speech without any joint is cut all the same", async () => {
    const text = Array.from({ length: 50 }, (_, index) => `word${index}`).join(" ");
    const { texts, clauses } = await committed(growing(text), text);
    for (const clause of texts) expect(clause.split(" ").length).toBeLessThanOrEqual(20);
    expect(texts.join(" ")).toBe(text);
    expect(clauses.map(({ last }) => last)).toEqual([false, false, true]);
  });

  test("Chinese is cut after its sentences and between its words", async () => {
    const text = "我们今天去公园。明天我们要去北京看朋友然后一起吃饭。";
    const partials = Array.from(text, (_, index) => text.slice(0, index + 1));
    const { texts } = await committed(partials, text, { language: "zh" });
    expect(texts).toEqual(["我们今天去公园。", "明天我们要去北京看朋友然后一起吃饭。"]);
  });

  test("a final that differs from what is out already goes on after it", async () => {
    const said = "I have seen it. Now we should go home together";
    const { texts, items } = await committed(
      growing(said),
      "We have seen it. Now we should go home together.",
    );
    expect(texts).toEqual(["I have seen it.", "Now we should go home together."]);
    expect(items.find(({ type }) => type === "final")).toMatchObject({
      text: "We have seen it. Now we should go home together.",
    });
  });

  test("the last one is empty when all was said before", async () => {
    const said = "I have seen it. And um";
    const { clauses } = await committed(growing(`${said} uh er`), "I have seen it.");
    expect(clauses).toMatchObject([
      { index: 0, text: "I have seen it.", last: false },
      { index: 1, text: "", last: true },
    ]);
  });

  test("a failed recognition keeps what was understood", async () => {
    const error = new Error("garbled");
    const { items, texts } = await committed(["we need", "we need to"], "we need to", { error });
    expect(items).toContainEqual(expect.objectContaining({ type: "final", cut: true, error }));
    expect(texts).toEqual(["we need to"]);
  });
});

test("partials that say nothing new are left out", async () => {
  const { items } = await committed(["a b c", "a b c"], "a b c");
  // The second makes `a` neither stable nor different.
  expect(items.filter(({ type }) => type === "partial")).toHaveLength(1);
});

describe("whatever a recogniser gives", () => {
  const vocabulary = "we go, home. and buy red apples but he sold that old car! yes no".split(" ");

  /** A recogniser that changes its mind about its last words, and now and then about earlier ones. */
  function utterance(seed: number) {
    let state = seed * 7919 + 1;
    const random = (below: number) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    const word = () => vocabulary[random(vocabulary.length)] ?? "";
    const words: string[] = [];
    const partials: string[] = [];
    for (let step = random(90); step > 0; step -= 1) {
      for (let more = random(3); more > 0; more -= 1) words.push(word());
      if (random(3) === 0 && words.length > 0) words[words.length - 1] = word();
      if (random(40) === 0) words.splice(random(words.length + 1), random(3), word());
      partials.push(words.join(" "));
    }
    return { partials, final: words.join(" "), other: words.map((w) => (random(9) ? w : word())) };
  }

  const isPrefix = (before: string, after: string) =>
    `${after} `.startsWith(`${before} `.trimStart());

  function check(items: Committed[]) {
    const clauses = items.flatMap((item) => (item.type === "clause" ? [item.clause] : []));
    let stable = "";
    for (const item of items) {
      if (item.type !== "partial") continue;
      expect(isPrefix(stable, item.stable)).toBe(true);
      stable = item.stable;
    }
    expect(clauses.map(({ index }) => index)).toEqual(clauses.map((_, index) => index));
    expect(clauses.map(({ last }) => last)).toEqual(
      clauses.map((_, index) => index === clauses.length - 1),
    );
    expect(items.filter(({ type }) => type === "final")).toHaveLength(1);
    return { clauses, stable };
  }

  test.each(Array.from({ length: 100 }, (_, seed) => [seed]))("utterance %i", async (seed) => {
    const { partials, final, other } = utterance(seed);
    const { items } = await committed(partials, final);
    const { clauses, stable } = check(items);
    for (const { text } of clauses.slice(0, -1)) {
      expect(text.split(" ").length).toBeLessThanOrEqual(commitPolicy.maximumWords);
    }
    const plain = (text: string) => text.replace(/[^a-z ]/gu, "");
    if (isPrefix(plain(stable), plain(final))) {
      expect(plain(clauses.map(({ text }) => text).join(" ")).trim()).toBe(plain(final));
    }
    check((await committed(partials, other.join(" "))).items);
  });
});
