import { describe, expect, it } from "vitest";
import { createEngineRegistry } from "./engine-registry.ts";
import { createScriptedRecogniser } from "./scripted/scripted-recogniser.ts";
import { createScriptedSynthesiser } from "./scripted/scripted-synthesiser.ts";
import { createScriptedTranslator } from "./scripted/scripted-translator.ts";

const missing = { available: false as const, reason: "Install it." };

function example() {
  const recognisers = [
    createScriptedRecogniser({
      provider: "a",
      languages: ["en"],
      script: [],
      availability: missing,
    }),
    createScriptedRecogniser({ provider: "b", languages: ["en"], script: [] }),
    createScriptedRecogniser({ provider: "c", languages: ["en", "fr"], script: [] }),
  ];
  const translators = [
    createScriptedTranslator({ provider: "a", pairs: [["en", "es"]] }),
    createScriptedTranslator({
      provider: "b",
      pairs: [
        ["en", "es"],
        ["en", "fr"],
      ],
    }),
  ];
  const synthesisers = [createScriptedSynthesiser({ provider: "a", languages: ["es-419"] })];
  return { recognisers, translators, synthesisers };
}

describe("the registry of engines", () => {
  it("gives the first that is available and serves the language", () => {
    const registry = createEngineRegistry(example());
    expect(registry.recogniserFor("en-GB")?.provider).toBe("b");
    expect(registry.recogniserFor("fr")?.provider).toBe("c");
    expect(registry.recogniserFor("ja")).toBeUndefined();
    expect(registry.translatorFor("en", "es-MX")?.provider).toBe("a");
    expect(registry.translatorFor("en", "fr")?.provider).toBe("b");
    expect(registry.translatorFor("fr", "en")).toBeUndefined();
    expect(registry.synthesiserFor("es")?.provider).toBe("a");
    expect(registry.synthesiserFor("en")).toBeUndefined();
  });

  it("lists every engine with what it serves, and what is missing", () => {
    const status = createEngineRegistry(example()).status();
    expect(status).toHaveLength(6);
    expect(status[0]).toEqual({ provider: "a", kind: "recogniser", languages: ["en"], ...missing });
    expect(status[4]).toEqual({
      provider: "b",
      kind: "translator",
      languages: ["en"],
      pairs: [
        ["en", "es"],
        ["en", "fr"],
      ],
      available: true,
    });
  });

  it("closes all of them, once, even when one fails", async () => {
    const engines = example();
    const closed: string[] = [];
    const [first] = engines.recognisers;
    if (!first) throw new Error("no recogniser");
    const failing = {
      ...first,
      close: () => {
        closed.push("failing");
        return Promise.reject(new Error("it would not close"));
      },
    };
    const registry = createEngineRegistry({ ...engines, recognisers: [failing] });
    await expect(registry.close()).rejects.toThrow("it would not close");
    await expect(registry.close()).rejects.toThrow("it would not close");
    expect(closed).toEqual(["failing"]);
    await expect(engines.synthesisers[0]?.warm("es")).rejects.toThrow("closed");
  });
});
