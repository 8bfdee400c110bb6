import { describe, expect, it } from "vitest";
import { createMatcher, MATCH_LIMIT, searchPhrases, searchTerms } from "./search-words.ts";

/** Whether an index of `text` that keeps order and gaps would find `query`. */
function finds(text: string, query: string): boolean {
  const { runs, letters } = searchTerms(text);
  const places = [...runs, ...letters.map((letter) => [letter])].map((run) => ` ${run.join(" ")} `);
  const phrases = searchPhrases(query);
  return (
    phrases.length > 0 &&
    phrases.every((phrase) => places.some((run) => run.includes(` ${phrase.join(" ")} `)))
  );
}

describe("the words of a text", () => {
  it.each([
    ["Straße nach Köln", "STRASSE koln"],
    ["L'homme est à l’hôtel", "hotel homme"],
    ["ＦＵＬＬ　ｗｉｄｔｈ １２３", "full width 123"],
    ["ΟΔΥΣΣΕΥΣ", "οδυσσευς"],
    ["soft\u00adhyphen and zero\u200bwidth", "softhyphen zerowidth"],
    ["\u202eevil\u202c text", "evil"],
    ["Ёжик в тумане", "ежик"],
    ["שָׁלוֹם", "שלום"],
    ["مُحَمَّد", "محمد"],
    ["می\u200cخواهم", "میخواهم"],
    ["हिन्दी में", "हिन्दी"],
    ["今天天气很好", "天气"],
    ["今天天气很好", "好"],
    ["今天天气很好", "天天气很"],
    ["東京タワーに行きました", "タワー"],
    ["ﾄｳｷｮｳｶﾞｽ", "トウキョウガス"],
    ["サービス", "ｻｰﾋﾞｽ"],
    ["한국어를 배워요", "국어"],
    ["한국어".normalize("NFD"), "한국어"],
    ["สวัสดีครับ", "สวัสดี"],
    ["新しいiPhoneを買った", "iphone 買った"],
    ["𠮷野家", "𠮷野"],
    ["I have 3 cats", "3 CATS"],
    ["⑴ ⒛ ﷺ a⑵b", "1 20 صلىاللهعليهوسلم a2b"],
    ["今天天气很好", "天 天天 天天气"],
    [`${"啊".repeat(40)}吧`, "啊".repeat(33)],
  ])("%j is found by %j", (text, query) => {
    expect(finds(text, query)).toBe(true);
  });

  it.each([
    ["hello world", "hell"],
    ["hello world", "hello there"],
    ["中文 文好", "中文好"],
    ["中文 a 文 文好", "中文好"],
    ["今天天气很好", "气好"],
    ["R⑴ a⑵b", "R"],
    ["a⑵b", "b"],
    ["ﱞ", "ﱞ"],
    ["hello", "!?"],
    ["hello", "\u200b"],
    ["", "x"],
  ])("%j is not found by %j", (text, query) => {
    expect(finds(text, query)).toBe(false);
  });

  it("are bounded in length, however long they are written", () => {
    const long = "é".repeat(4000);
    expect(searchTerms(long)).toEqual({ runs: [["e".repeat(64)]], letters: [] });
    expect(finds(long, long)).toBe(true);
  });

  it("are not looked for twice: an index has its work with letters that are there often", () => {
    expect(searchPhrases("天气 天 天气 气 Tag tag")).toEqual([["tag"], ["天气"]]);
    expect(searchPhrases("啊".repeat(200))).toEqual([Array.from({ length: 31 }, () => "啊啊")]);
  });
});

describe("matches", () => {
  const marked = (text: string, query: string) =>
    createMatcher(query)(text).map(([start, end]) => text.slice(start, end));

  it("are places in the text as it was written", () => {
    expect(marked("Der Café-Besuch im CAFE", "cafe")).toEqual(["Café", "CAFE"]);
    expect(marked("今天天气很好，天气！", "天气")).toEqual(["天气", "天气"]);
    expect(marked("ﾄｳｷｮｳｶﾞｽ", "ガス")).toEqual(["ｶﾞｽ"]);
    expect(marked("哈哈哈哈", "哈哈")).toEqual(["哈哈哈哈"]);
    expect(marked("nothing here", "else")).toEqual([]);
    expect(marked("𠮷野家の𠮷野", "野 𠮷野")).toEqual(["𠮷野", "𠮷野"]);
  });

  it("are the first hundred, where there are more", () => {
    for (const [text, query] of [
      ["啊".repeat(4000), "啊"],
      ["again ".repeat(400), "again"],
      ["啊吧".repeat(400), "啊 吧"],
    ] as const) {
      const found = createMatcher(query)(text);
      expect(found).toHaveLength(MATCH_LIMIT);
      expect(found[0]?.[0]).toBe(0);
      expect(found.every(([start], index) => start >= (found[index - 1]?.[1] ?? 0))).toBe(true);
    }
    // What overlaps is one, however long.
    expect(createMatcher("啊啊")("啊".repeat(400))).toEqual([[0, 400]]);
  });

  it("are found as fast in a text that is one letter over and over", () => {
    const lengths = Array.from({ length: 19 }, (_, index) => "啊".repeat(index + 1));
    const fastest = (query: string, text: string) => {
      const find = createMatcher(query);
      const times = Array.from({ length: 5 }, () => {
        const started = performance.now();
        find(text);
        return performance.now() - started;
      });
      return Math.min(...times);
    };
    const text = "啊".repeat(4000);
    const plain = fastest("吧", text);
    for (const query of ["啊啊 ".repeat(66), "啊".repeat(200), lengths.join(" ")]) {
      expect(fastest(query, text)).toBeLessThan(8 * plain);
    }
  });
});
