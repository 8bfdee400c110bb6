import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Synthesiser } from "../../interpreter/engines.ts";
import { collect, expectEngineError } from "../conformance/expect-engine-error.ts";
import { createLocalSynthesiser } from "./local-synthesiser.ts";
import { speechPieces } from "./speech-pieces.ts";

const never = new AbortController().signal;

describe("speaking with espeak-ng", () => {
  let synthesiser: Synthesiser;
  beforeAll(async () => {
    synthesiser = await createLocalSynthesiser();
  });
  afterAll(() => synthesiser.close());

  it.each(["en", "en-AU", "es", "es-MX", "pt-BR", "fr", "ca", "it", "de", "zh", "nb", "no"])(
    "speaks %s",
    async (language) => {
      const text = language === "zh" ? "你好，欢迎大家" : "Radio, hotel, taxi";
      const request = { text, language, rate: 1, signal: never };
      const chunks = await collect(synthesiser.synthesise(request));
      expect(chunks.reduce((total, { length }) => total + length, 0)).toBeGreaterThan(12_000);
    },
  );

  it("lists languages once, in canonical form", () => {
    expect(new Set(synthesiser.languages).size).toBe(synthesiser.languages.length);
    expect(synthesiser.languages).toContain("zh");
    expect(synthesiser.languages).not.toContain("cmn");
  });

  it("stops in the middle of a piece when it is aborted", async () => {
    const controller = new AbortController();
    const request = { text: "casa ".repeat(4000), language: "es", rate: 1 };
    const reading = (async () => {
      let chunks = 0;
      for await (const _ of synthesiser.synthesise({ ...request, signal: controller.signal })) {
        chunks += 1;
        if (chunks === 3) controller.abort(new Error("interrupted"));
      }
    })();
    await expect(reading).rejects.toThrow("interrupted");
  });
});

describe("cutting a text into pieces to speak", () => {
  it("cuts between sentences", () => {
    expect(speechPieces("Hola. ¿Qué tal? ¡Bien!", "es")).toEqual(["Hola.", "¿Qué tal?", "¡Bien!"]);
  });

  it("cuts what is long between clauses, or words, or where it must", () => {
    const clause = `${"palabra ".repeat(15).trim()}, `;
    for (const piece of speechPieces(clause.repeat(20), "es")) expect(piece).toMatch(/palabra,$/);
    const long = [
      ...speechPieces("palabra ".repeat(500), "es"),
      ...speechPieces("家".repeat(999), "zh"),
    ];
    for (const piece of long) expect(piece.length).toBeLessThanOrEqual(200);
    const faces = speechPieces("😀".repeat(300), "en");
    expect(faces.join("")).toBe("😀".repeat(300));
  });

  it("loses no word and keeps no control character", () => {
    const text = "uno\0dos\ntres cuatro";
    expect(speechPieces(text, "es").join(" ")).toBe("uno dos tres cuatro");
  });
});

describe("a machine without espeak-ng", () => {
  it("has a synthesiser that says what is missing", async () => {
    const synthesiser = await createLocalSynthesiser({ files: { library: "libnowhere.so.9" } });
    expect(synthesiser.availability).toEqual({
      available: false,
      reason: expect.stringContaining("apt-get install libespeak-ng1"),
    });
    const request = { text: "hola", language: "es", rate: 1, signal: never };
    await expectEngineError(collect(synthesiser.synthesise(request)), "unavailable");
    await synthesiser.close();
  });
});
