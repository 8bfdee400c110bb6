import { describe, expect, it } from "vitest";
import { excerptOf, type Match, partsOf } from "./excerpt.ts";

const marked = (text: string, matches: readonly Match[]) =>
  partsOf(text, matches)
    .map((part) => (part.isMatch ? `[${part.text}]` : part.text))
    .join("");

describe("what was found in a text", () => {
  it("is told apart from the rest", () => {
    const matches: Match[] = [
      [0, 4],
      [9, 11],
    ];
    expect(marked("good day to you", matches)).toBe("[good] day [to] you");
    expect(marked("good", [])).toBe("good");
    expect(marked("", [])).toBe("");
  });

  it("is marked once where places overlap", () => {
    const matches: Match[] = [
      [0, 4],
      [2, 6],
    ];
    expect(marked("abcdefgh", matches)).toBe("[abcd][ef]gh");
  });

  it("is in sight however long the text is", () => {
    const text = `${"a ".repeat(300)}needle${" b".repeat(300)}`;
    const excerpt = excerptOf(text, [[600, 606]]);
    expect(excerpt.text.length).toBeLessThan(230);
    expect(marked(excerpt.text, excerpt.matches)).toContain("[needle]");
    expect(excerpt.text).toMatch(/^….*…$/u);
  });

  it("leaves short texts whole, and characters too", () => {
    expect(excerptOf("short", [[0, 5]])).toEqual({ text: "short", matches: [[0, 5]] });
    const faces = "😀".repeat(300);
    const { text } = excerptOf(faces, [[301, 303]]);
    expect(text.isWellFormed()).toBe(true);
  });
});
