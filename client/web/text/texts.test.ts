import { describe, expect, it } from "vitest";
import { CAPTION_LIMIT } from "../../../shared/caption.ts";
import { MESSAGE_LIMIT } from "../../../shared/chat.ts";
import { reasons } from "../../../shared/reason.ts";
import { ParleyError, type ParleyErrorReason } from "../../sdk/index.ts";
import { errorSentence } from "./error-sentence.ts";
import { createText, interfaceLanguages, preferredInterfaceLanguage } from "./text.ts";
import { english, type Texts } from "./texts.ts";
import { zhCN } from "./zh-CN.ts";

/** Every text by its path, such as `room.leave`. */
function flat(texts: object, path = ""): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "string"
        ? [[path + key, value] as const]
        : Array.from(flat(Object(value), `${path}${key}.`)),
    ),
  );
}

const placeholders = (text = "") => (text.match(/\{\{\w+\}\}/gu) ?? []).sort();
const allTexts: Record<string, Texts> = { en: english, "zh-CN": zhCN };
const englishTexts = flat(english);

describe.each(interfaceLanguages)("the texts in %s", (language) => {
  const { t } = createText(language);
  const texts = flat(allTexts[language] ?? {});

  it("say what happened for every reason that a server or client gives", () => {
    const all = Object.keys(allTexts[language]?.errors ?? {}) as ParleyErrorReason[];
    expect(all).toEqual(expect.arrayContaining(Object.keys(reasons)));
    const isSentence = /^\p{Lu}.{15,}[.]$|^\p{Script=Han}.{6,}。$/u;
    for (const reason of all) {
      const sentence = errorSentence(t, new ParleyError(reason, "for programs"));
      expect(sentence, reason).toMatch(isSentence);
      expect(sentence, reason).not.toContain("{{");
    }
  });

  it.each([
    ["MESSAGE_TOO_LONG", MESSAGE_LIMIT],
    ["CAPTION_TOO_LONG", CAPTION_LIMIT],
  ] as const)("name the limit that was gone over: %s", (reason, limit) => {
    const error = new ParleyError(reason, "for programs");
    expect(errorSentence(t, error)).toContain(`${limit}`);
  });

  it("have a sentence for what nobody foresaw, without its details", () => {
    const sentence = errorSentence(t, new Error("secret detail"));
    expect(sentence).toBe(t("errors.INTERNAL"));
  });

  it("are never empty, and take the same values as the English ones", () => {
    for (const [path, text] of texts) {
      expect(text.trim(), path).not.toBe("");
      expect(placeholders(text), path).toEqual(placeholders(englishTexts.get(path)));
    }
  });

  it("count", () => {
    const one = t("rooms.present", { count: 1 });
    const two = t("rooms.present", { count: 2 });
    expect([one, two]).toEqual(
      language === "en" ? ["1 person here", "2 people here"] : ["1 人在场", "2 人在场"],
    );
  });
});

describe("the language of the page", () => {
  it("is the first one preferred that it speaks", () => {
    expect(preferredInterfaceLanguage(["fr", "zh-TW", "en"])).toBe("zh-CN");
    expect(preferredInterfaceLanguage(["en-GB", "zh"])).toBe("en");
    expect(preferredInterfaceLanguage(["fr"])).toBe("en");
  });
});
