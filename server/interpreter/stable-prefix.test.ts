import { describe, expect, test } from "vitest";
import { coveredBy } from "./align.ts";
import { commitPolicy } from "./policy.ts";
import { createStablePrefix } from "./stable-prefix.ts";
import { textRules } from "./words.ts";

const english = textRules("en");

/** Pushes partials 130 ms apart; gives the stable text after each. */
function stableTexts(partials: string[], { every = 130, language = "en" } = {}) {
  const rules = textRules(language);
  const prefix = createStablePrefix(rules, commitPolicy);
  return partials.map((text, index) => {
    const rest = rules.join(prefix.push(rules.split(text), index * every));
    return [rules.join(prefix.units.map(({ unit }) => unit)), rest];
  });
}

describe("a word becomes stable", () => {
  test("when three partials agree on it and two words follow", () => {
    expect(stableTexts(["the train to", "the train to london", "the train to london"])).toEqual([
      ["", "the train to"],
      ["", "the train to london"],
      ["the train", "to london"],
    ]);
  });

  test("when it stayed for 400 ms, however few partials there were", () => {
    expect(stableTexts(["the train to", "the train to"], { every: 500 }).at(-1)).toEqual([
      "the",
      "train to",
    ]);
  });

  test("only after all words before it", () => {
    const [, , last] = stableTexts([
      "a train to london now",
      "the train to london now",
      "the train to london now",
    ]);
    expect(last).toEqual(["", "the train to london now"]);
  });

  test("whatever its case and punctuation", () => {
    const [, , last] = stableTexts(["Hello my friend", "hello, my friend", "Hello, my friend"]);
    expect(last).toEqual(["Hello,", "my friend"]);
  });

  test("in Chinese too, where characters count and no word is cut", () => {
    const texts = stableTexts(
      ["我们今天研究这个问题", "我们今天研究这个问题", "我们今天研究这个问题"],
      {
        language: "zh",
      },
    );
    const [stable = "", rest = ""] = texts[2] ?? [];
    expect(stable + rest).toBe("我们今天研究这个问题");
    expect(stable.length).toBeGreaterThan(4);
    expect(rest.length).toBeGreaterThanOrEqual(2);
  });
});

describe("what follows the stable words", () => {
  const remainder = (committed: string, text: string, language = "en") => {
    const rules = textRules(language);
    const units = rules.split(text);
    return rules.join(units.slice(coveredBy(rules.split(committed), units)));
  };

  test.each([
    ["we buy red", "we buy red apples", "apples"],
    ["we buy red", "We buy: red apples!", "apples!"],
    // A word came in between.
    ["we buy red", "we buy bright red apples", "apples"],
    // A word went away.
    ["we buy big red", "we buy red apples", "apples"],
    // A word became another.
    ["we by red", "we buy red apples", "apples"],
    ["we buy bread", "we buy red apples", "apples"],
    ["i scream for", "ice cream for you", "you"],
    ["yes yes", "yes yes yes", "yes"],
    ["a b c", "a b", ""],
    ["a b c", "", ""],
    ["", "a b c", "a b c"],
  ])("of %j in %j is %j", (committed, text, expected) => {
    expect(remainder(committed, text)).toBe(expected);
  });

  test("is nothing when the text became much shorter", () => {
    const words = Array.from({ length: 60 }, (_, index) => `w${index}`);
    expect(remainder(`a ${words.join(" ")}`, `b ${words.slice(0, 10).join(" ")}`)).toBe("");
  });

  test("is found in scripts without spaces, where words are cut differently each time", () => {
    expect(remainder("我在研究", "我在研究生院", "zh")).toBe("生院");
  });
});

test("text is split and joined without a change but of spaces", () => {
  for (const [language, text, spaced] of [
    ["en", "  Well ,  it's   5 o'clock. ", "Well , it's 5 o'clock."],
    ["es", "¿Qué hora es?", "¿Qué hora es?"],
    ["zh", "我用 iPhone 打电话。", "我用 iPhone 打电话。"],
    ["th", "สวัสดีครับ", "สวัสดีครับ"],
  ] as const) {
    const rules = textRules(language);
    expect(rules.join(rules.split(text))).toBe(spaced);
  }
  expect(english.split("")).toEqual([]);
});
