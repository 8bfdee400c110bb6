import { describe, expect, it, vi } from "vitest";
import { EngineError, type Recognition } from "../../interpreter/engines.ts";
import { collect, expectEngineError } from "../conformance/expect-engine-error.ts";
import type { Fault } from "./fault.ts";
import { createScriptedRecogniser, type ScriptedRecogniserOptions } from "./scripted-recogniser.ts";
import { createScriptedSynthesiser, scriptedTimes } from "./scripted-synthesiser.ts";
import { createScriptedTranslator } from "./scripted-translator.ts";

const never = new AbortController().signal;

/** Nothing but the first call goes wrong. */
const first = (fault: Fault) => (call: number) => (call === 0 ? fault : undefined);

async function recognise(options: Partial<ScriptedRecogniserOptions>, milliseconds = 400) {
  const recogniser = createScriptedRecogniser({ languages: ["en"], script: [], ...options });
  const session = await recogniser.open({ language: "en", signal: never });
  async function* audio() {
    for (let at = 0; at < milliseconds; at += 20) yield new Int16Array(320).fill(5000);
  }
  return {
    next: (signal = never): Promise<Recognition[]> =>
      collect(session.recognise(audio(), { signal })),
  };
}

describe("a scripted recogniser", () => {
  it("hears its script, one more word at each partial", async () => {
    const { next } = await recognise({ script: ["one two three four five", "six"] });
    const heard = await next();
    expect(heard.at(-1)).toEqual({ type: "final", text: "one two three four five" });
    expect(heard[0]?.text.startsWith("one")).toBe(true);
    expect((await next()).at(-1)?.text).toBe("six");
  });

  it("throws when its script is over, unless it repeats it", async () => {
    const once = await recognise({ script: ["one"] });
    await once.next();
    await expectEngineError(once.next(), "failed");
    const again = await recognise({ script: ["one"], repeat: true });
    await again.next();
    expect((await again.next()).at(-1)?.text).toBe("one");
  });

  it("can go by how long it hears", async () => {
    const script = ({ duration }: { duration: number }) => `${duration} ms`;
    const { next } = await recognise({ script }, 700);
    expect((await next()).at(-1)?.text).toBe("700 ms");
  });

  it("fails as it is told to, then works", async () => {
    const error = new EngineError("timeout", "as told");
    const script = ["one two three"];
    const throwing = await recognise({ script, faults: first({ type: "throw", error }) });
    await expect(throwing.next()).rejects.toBe(error);
    expect((await throwing.next()).at(-1)?.text).toBe("one two three");
    const breaking = await recognise({ script, faults: first({ type: "break" }) });
    await expectEngineError(breaking.next(), "failed");
    const garbling = await recognise({ script, faults: first({ type: "garble" }) });
    expect((await garbling.next()).at(-1)?.text).toBe("eerht owt eno");
  });

  it("hangs until it is aborted", async () => {
    const { next } = await recognise({ script: ["one"], faults: first({ type: "hang" }) });
    const controller = new AbortController();
    const settled = vi.fn<() => void>();
    const hanging = next(controller.signal).finally(settled);
    hanging.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(settled).not.toHaveBeenCalled();
    controller.abort(new Error("enough"));
    await expect(hanging).rejects.toThrow("enough");
    expect((await next()).at(-1)?.text).toBe("one");
  });

  it("takes its time", async () => {
    const { next } = await recognise({ script: ["one", "two"], finalDelay: 80 });
    const began = performance.now();
    await next();
    expect(performance.now() - began).toBeGreaterThan(75);
  });
});

describe("a scripted translator", () => {
  const ask = (translator: ReturnType<typeof createScriptedTranslator>, text: string) =>
    translator.translate({ text, from: "en", to: "es", context: [], signal: never });

  it("goes by its dictionary, and throws where that says nothing", async () => {
    const dictionary = { es: { hello: "hola" } };
    const translator = createScriptedTranslator({ pairs: [["en", "es"]], dictionary });
    expect(await ask(translator, "hello")).toBe("hola");
    await expectEngineError(ask(translator, "house"), "failed");
  });

  it("fails as it is told to, then works", async () => {
    for (const type of ["throw", "break"] as const) {
      const faults = first({ type });
      const translator = createScriptedTranslator({ pairs: [["en", "es"]], faults });
      await expectEngineError(ask(translator, "hello"), "failed");
      expect(await ask(translator, "hello")).toBe("[es] hello");
    }
    const faults = first({ type: "garble" });
    const translator = createScriptedTranslator({ pairs: [["en", "es"]], faults });
    expect(await ask(translator, "hello")).toBe("olleh");
  });

  it("takes its time", async () => {
    const faults = first({ type: "slow", milliseconds: 60 });
    const translator = createScriptedTranslator({ pairs: [["en", "es"]], delay: 30, faults });
    const began = performance.now();
    await ask(translator, "hello");
    expect(performance.now() - began).toBeGreaterThan(85);
  });
});

describe("a scripted synthesiser", () => {
  const say = (synthesiser: ReturnType<typeof createScriptedSynthesiser>, text: string) =>
    collect(synthesiser.synthesise({ text, language: "es", rate: 1, signal: never }));
  const length = (chunks: Int16Array[]) => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

  it("sounds as long as the text has letters, and differently for each word", async () => {
    const synthesiser = createScriptedSynthesiser({ languages: ["es"] });
    const casa = await say(synthesiser, "casa");
    expect(length(casa)).toBe(24 * (4 * scriptedTimes.letter + scriptedTimes.gap));
    expect(length(await say(synthesiser, "la casa"))).toBeGreaterThan(length(casa));
    expect(await say(synthesiser, "casa")).toEqual(casa);
    expect(await say(synthesiser, "roja")).not.toEqual(casa);
  });

  it("fails as it is told to, then works", async () => {
    for (const type of ["throw", "break"] as const) {
      const synthesiser = createScriptedSynthesiser({ languages: ["es"], faults: first({ type }) });
      await expectEngineError(say(synthesiser, "casa"), "failed");
      expect(length(await say(synthesiser, "casa"))).toBeGreaterThan(0);
    }
  });

  it("takes its time before the first chunk", async () => {
    const synthesiser = createScriptedSynthesiser({ languages: ["es"], firstDelay: 60 });
    const began = performance.now();
    await say(synthesiser, "a");
    expect(performance.now() - began).toBeGreaterThan(55);
  });
});
