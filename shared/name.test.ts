import { describe, expect, it } from "vitest";
import { nameSchema } from "./name.ts";

const ZWNJ = "\u200C";
const ZWJ = "\u200D";

describe("a name", () => {
  it("is one line without blanks around it", () => {
    expect(nameSchema.parse("  Ann \n\t Lee ")).toBe("Ann Lee");
  });

  it("holds nothing that turns the text around it, or that nobody sees", () => {
    expect(nameSchema.parse("Ann\u202Etxt.exe")).toBe("Ann txt.exe");
    expect(nameSchema.parse("A\u200Bnn")).toBe("A nn");
    expect(nameSchema.parse("\u2066Ann\u2069")).toBe("Ann");
  });

  it("is not empty, whatever it is made of", () => {
    for (const empty of ["", "  ", "\u200B", ZWJ, "\u3164"]) {
      const { error } = nameSchema.safeParse(empty);
      expect(error?.issues[0]).toMatchObject({ params: { reason: "NAME_EMPTY" } });
    }
  });

  it("has 64 characters at most, however many bytes those take", () => {
    expect(nameSchema.parse("😀".repeat(64))).toHaveLength(128);
    expect(nameSchema.safeParse("a".repeat(65)).success).toBe(false);
  });

  it.each([
    ["Persian", `می${ZWNJ}خواهم`],
    ["Hindi", `क्${ZWJ}ष`],
    ["Malayalam", `നന്${ZWJ}മ`],
    ["Sinhala", `ශ්${ZWJ}රී`],
  ])("keeps the joiners within a %s word", (_, word) => {
    expect(nameSchema.parse(word)).toBe(word.normalize("NFC"));
  });

  it.each(["👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "❤️"])("keeps %s whole", (emoji) => {
    expect(nameSchema.parse(`Ann ${emoji}`)).toBe(`Ann ${emoji}`);
  });

  it("keeps no joiner where it joins nothing", () => {
    expect(nameSchema.parse(`A${ZWNJ}nn`)).toBe("A nn");
    expect(nameSchema.parse(`${ZWNJ}می${ZWNJ}`)).toBe("می");
    expect(nameSchema.parse(`Ann${ZWJ}👩`)).toBe("Ann 👩");
  });
});
