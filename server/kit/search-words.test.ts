import { describe, expect, it } from "vitest";
import { createMatcher, searchPhrases, searchTerms } from "./search-words.ts";

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
  ])("%j is found by %j", (text, query) => {
    expect(finds(text, query)).toBe(true);
  });

  it.each([
    ["hello world", "hell"],
    ["hello world", "hello there"],
    ["中文 文好", "中文好"],
    ["中文 a 文 文好", "中文好"],
    ["今天天气很好", "气好"],
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
  });
});
