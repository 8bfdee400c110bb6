import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecogniserSession } from "../../interpreter/engines.ts";
import { frames } from "../conformance/describe-recogniser.ts";
import { collect, expectEngineError } from "../conformance/expect-engine-error.ts";
import { speakWithFlite } from "../conformance/flite.ts";
import { sentences } from "../conformance/sentences.ts";
import { createLocalRecogniser } from "./local-recogniser.ts";

const never = new AbortController().signal;

async function final(session: RecogniserSession, samples: Int16Array): Promise<string> {
  const results = await collect(session.recognise(frames(samples), { signal: never }));
  return results.at(-1)?.text ?? "";
}

/** Words to be put in, taken out or changed to get from one text to the other. */
function wordErrors(said: string, heard: string): number {
  const [a, b] = [said, heard].map((text) => text.toLowerCase().split(" ").filter(Boolean));
  if (!a || !b) return 0;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, word] of a.entries()) {
    const next = [index + 1];
    for (const [other, heardWord] of b.entries()) {
      const change = (row[other] ?? 0) + (word === heardWord ? 0 : 1);
      next.push(Math.min(change, (row[other + 1] ?? 0) + 1, (next[other] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe("recognising English", () => {
  const recogniser = createLocalRecogniser({ maximumDecoders: 2, maximumWait: 5000 });
  let samples: Int16Array;
  beforeAll(async () => {
    samples = await speakWithFlite("the train to london leaves at seven in the morning", "rms");
  });
  afterAll(() => recogniser.close());

  it.each(["slt", "rms"] as const)(
    "gets at least 90 % of the words of 20 sentences by the voice %s",
    { timeout: 120_000 },
    async (voice) => {
      const session = await recogniser.open({ language: "en", signal: never });
      let [errors, words] = [0, 0];
      for (const sentence of sentences) {
        const heard = await final(session, await speakWithFlite(sentence, voice));
        errors += wordErrors(sentence, heard);
        words += sentence.split(" ").length;
      }
      expect(1 - errors / words).toBeGreaterThanOrEqual(0.9);
      await session.close();
    },
  );

  it("writes as people do", async () => {
    const session = await recogniser.open({ language: "en-GB", signal: never });
    expect(await final(session, samples)).toBe(
      "The train to London leaves at seven in the morning",
    );
    await session.close();
  });

  it("makes who speaks when all decoders are lent wait, and keeps what they say", async () => {
    const sessions = await Promise.all(
      Array.from({ length: 3 }, () => recogniser.open({ language: "en", signal: never })),
    );
    const texts = await Promise.all(sessions.map((session) => final(session, samples)));
    for (const text of texts) expect(text).toContain("London");
    await Promise.all(sessions.map((session) => session.close()));
  });

  it("says that it is overloaded when nobody makes room in time", async () => {
    const controller = new AbortController();
    async function* endless() {
      while (!controller.signal.aborted) {
        yield new Int16Array(320);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const sessions = await Promise.all(
      Array.from({ length: 3 }, () => recogniser.open({ language: "en", signal: never })),
    );
    const going = sessions
      .slice(0, 2)
      .map((session) => collect(session.recognise(endless(), { signal: never })));
    const third = sessions[2];
    if (!third) throw new Error("no third session");
    await expectEngineError(collect(third.recognise(endless(), { signal: never })), "overloaded");
    controller.abort();
    await Promise.all(going);
    expect(await final(third, samples)).toContain("London");
    await Promise.all(sessions.map((session) => session.close()));
  });
});

describe("a machine without pocketsphinx", () => {
  it.each([
    ["the library", { decoderLibrary: "libnowhere.so.9" }, /libnowhere\.so\.9.*apt-get install/],
    ["the model", { modelDirectory: "/nowhere" }, /\/nowhere.*apt-get install/],
  ])("has a recogniser that says that %s is missing", async (_, files, reason) => {
    const recogniser = createLocalRecogniser({ files });
    expect(recogniser.availability).toEqual({
      available: false,
      reason: expect.stringMatching(reason),
    });
    await expectEngineError(recogniser.open({ language: "en", signal: never }), "unavailable");
    await recogniser.close();
  });
});
