import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LanguageTag, normaliseLanguage } from "../../../shared/language.ts";
import type { Recogniser, RecogniserSession } from "../../interpreter/engines.ts";
import { HEARING_RATE } from "../../kit/pcm.ts";
import { collect, expectEngineError } from "./expect-engine-error.ts";

/** Speech at 16 kHz and the words in it, all of which must be recognised. */
export type Speech = { samples: Int16Array; text: string };

export type RecogniserFixture = {
  recogniser: Recogniser;
  language: LanguageTag;
  unsupported: LanguageTag;
  /** Two that differ, so that sessions can be told apart. */
  speeches: readonly [Speech, Speech];
};

/** What every recogniser does, whoever provides it. */
export function describeRecogniser(
  name: string,
  createFixture: () => Promise<RecogniserFixture>,
): void {
  describe(`the ${name} recogniser`, () => {
    const never = new AbortController().signal;
    let fixture: RecogniserFixture;
    beforeAll(async () => {
      fixture = await createFixture();
    });
    afterAll(() => fixture.recogniser.close());

    const open = (): Promise<RecogniserSession> =>
      fixture.recogniser.open({ language: fixture.language, signal: never });

    async function expectRecognised(session: RecogniserSession, speech: Speech): Promise<void> {
      const results = await collect(session.recognise(frames(speech.samples), { signal: never }));
      const final = results.at(-1);
      expect(final?.type).toBe("final");
      expect(plain(final?.text)).toBe(plain(speech.text));
    }

    it("says who it is and what it serves", () => {
      const { recogniser, language } = fixture;
      expect(recogniser.provider).not.toBe("");
      expect(recogniser.availability).toEqual({ available: true });
      expect(recogniser.languages).toContain(language);
      for (const tag of recogniser.languages) expect(normaliseLanguage(tag)).toBe(tag);
    });

    it("gives partials, then exactly one final, then the end", async () => {
      const session = await open();
      const [speech] = fixture.speeches;
      const results = await collect(session.recognise(frames(speech.samples), { signal: never }));
      expect(results.length).toBeGreaterThan(1);
      expect(results.slice(0, -1).every(({ type }) => type === "partial")).toBe(true);
      expect(results.at(-1)?.type).toBe("final");
      expect(plain(results.at(-1)?.text)).toBe(plain(speech.text));
      await session.close();
    });

    it("recognises one utterance after another", async () => {
      const session = await open();
      for (const speech of fixture.speeches) await expectRecognised(session, speech);
      await session.close();
    });

    it("keeps speakers apart who speak at once", async () => {
      const sessions = await Promise.all(fixture.speeches.map(open));
      await Promise.all(
        sessions.map((session, index) =>
          expectRecognised(session, fixture.speeches[index] ?? fixture.speeches[0]),
        ),
      );
      await Promise.all(sessions.map((session) => session.close()));
    });

    it("serves the language of any region", async () => {
      const language = `${new Intl.Locale(fixture.language).language}-ZZ`;
      const session = await fixture.recogniser.open({ language, signal: never });
      await session.close();
    });

    it.each([
      ["no audio at all", []],
      ["an empty frame", [new Int16Array()]],
      ["one sample", [new Int16Array(1)]],
      ["a second of silence", Array.from({ length: 50 }, () => new Int16Array(320))],
    ])("makes an empty final of %s", async (_, chunks) => {
      const session = await open();
      const results = await collect(session.recognise(list(chunks), { signal: never }));
      expect(results.filter(({ type }) => type === "final")).toEqual([{ type: "final", text: "" }]);
      expect(results.at(-1)?.type).toBe("final");
      await session.close();
    });

    it("takes frames of any length, and noise at full scale", async () => {
      const session = await open();
      const square = (length: number) =>
        Int16Array.from({ length }, (_, index) => (index % 9 < 4 ? 32_767 : -32_768));
      // A recogniser may take its first sounds for how this microphone sounds.
      for (const speech of fixture.speeches) await expectRecognised(session, speech);
      const odd = [square(1), square(7), square(5000), square(0), square(333)];
      const results = await collect(session.recognise(list(odd), { signal: never }));
      expect(results.filter(({ type }) => type === "final")).toHaveLength(1);
      for (const speech of fixture.speeches) await expectRecognised(session, speech);
      await session.close();
    });

    it("does not keep hold of the frames that it is given", async () => {
      const session = await open();
      const [speech] = fixture.speeches;
      const reused = new Int16Array(320);
      async function* oneBuffer() {
        for await (const frame of frames(speech.samples)) {
          reused.fill(0);
          reused.set(frame);
          yield reused.subarray(0, frame.length);
        }
      }
      const results = await collect(session.recognise(oneBuffer(), { signal: never }));
      expect(plain(results.at(-1)?.text)).toBe(plain(speech.text));
      expect(reused.length).toBe(320);
      await session.close();
    });

    it("stops when it is aborted, lets go of the audio, and hears the next utterance", async () => {
      const session = await open();
      const controller = new AbortController();
      const endless = new EndlessAudio(fixture.speeches[0].samples);
      const results = session.recognise(endless, { signal: controller.signal });
      const reading = collect(results).catch(() => []);
      await endless.heard(HEARING_RATE);
      controller.abort();
      const read = await reading;
      expect(read.every(({ type }) => type === "partial")).toBe(true);
      await expect.poll(() => endless.returned).toBe(true);
      await expectRecognised(session, fixture.speeches[1]);
      await session.close();
    });

    it("stops when its reader does, and hears the next utterance", async () => {
      const session = await open();
      const endless = new EndlessAudio(fixture.speeches[0].samples);
      for await (const _ of session.recognise(endless, { signal: never })) break;
      await expect.poll(() => endless.returned).toBe(true);
      await expectRecognised(session, fixture.speeches[1]);
      await session.close();
    });

    it("passes on what goes wrong with the audio, and hears the next utterance", async () => {
      const session = await open();
      const broken = new Error("the microphone broke");
      async function* breaking(): AsyncGenerator<Int16Array> {
        yield* frames(fixture.speeches[0].samples.subarray(0, 8000));
        throw broken;
      }
      await expect(collect(session.recognise(breaking(), { signal: never }))).rejects.toBe(broken);
      await expectRecognised(session, fixture.speeches[1]);
      await session.close();
    });

    it("refuses a second utterance while the first goes on", async () => {
      const session = await open();
      const controller = new AbortController();
      const endless = new EndlessAudio(fixture.speeches[0].samples);
      const first = collect(session.recognise(endless, { signal: controller.signal }));
      await endless.heard(320);
      await expectEngineError(
        collect(session.recognise(frames(new Int16Array(320)), { signal: never })),
        "input",
      );
      controller.abort();
      await first.catch(() => {});
      await session.close();
    });

    it("refuses what it does not understand, and what was aborted before", async () => {
      const { recogniser, language, unsupported } = fixture;
      await expectEngineError(
        recogniser.open({ language: unsupported, signal: never }),
        "language",
      );
      const aborted = AbortSignal.abort(new Error("too late"));
      await expect(recogniser.open({ language, signal: aborted })).rejects.toThrow("too late");
      const session = await open();
      await expect(
        collect(session.recognise(frames(new Int16Array(320)), { signal: aborted })),
      ).rejects.toThrow("too late");
      await session.close();
    });

    it("ends what goes on when it is closed, and is unavailable after", async () => {
      const { recogniser, language, speeches } = await createFixture();
      const session = await recogniser.open({ language, signal: never });
      const endless = new EndlessAudio(speeches[0].samples);
      const going = collect(session.recognise(endless, { signal: never }));
      going.catch(() => {});
      await endless.heard(320);
      await Promise.all([recogniser.close(), recogniser.close()]);
      await expectEngineError(going, "unavailable");
      await expectEngineError(recogniser.open({ language, signal: never }), "unavailable");
      await expectEngineError(
        collect(session.recognise(frames(new Int16Array(320)), { signal: never })),
        "unavailable",
      );
      await session.close();
      await session.close();
      await recogniser.close();
    });
  });
}

/** Words without case and marks: a provider may add them. */
function plain(text: string | undefined): string | undefined {
  return text
    ?.toLowerCase()
    .replaceAll(/[^\p{L}\p{N}' ]/gu, "")
    .trim();
}

async function* list(chunks: readonly Int16Array[]): AsyncGenerator<Int16Array> {
  yield* chunks;
}

/** Frames of 20 ms, as fast as they are taken. */
export async function* frames(samples: Int16Array): AsyncGenerator<Int16Array> {
  for (let at = 0; at < samples.length; at += 320) {
    yield samples.slice(at, at + 320);
    await setImmediate();
  }
}

/** Speech that goes on until it is no longer wanted, and knows whether it is. */
class EndlessAudio implements AsyncIterableIterator<Int16Array> {
  readonly #samples: Int16Array;
  #position = 0;
  returned = false;

  constructor(samples: Int16Array) {
    this.#samples = samples;
  }

  async heard(samples: number): Promise<void> {
    await expect.poll(() => this.#position, { timeout: 10_000 }).toBeGreaterThan(samples);
  }

  async next(): Promise<IteratorResult<Int16Array>> {
    // Slower than the engine, so that nothing piles up: 20 ms of speech every ms.
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.returned) return { value: undefined, done: true };
    const at = this.#position % (this.#samples.length - 320);
    this.#position += 320;
    return { value: this.#samples.slice(at, at + 320), done: false };
  }

  async return(): Promise<IteratorResult<Int16Array>> {
    this.returned = true;
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
