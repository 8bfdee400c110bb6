import { describe, expect, test, vi } from "vitest";
import { AsyncQueue } from "../kit/async-queue.ts";
import type { PcmFrame } from "../kit/pcm.ts";
import { hear, type HearOptions } from "./hear.ts";
import type { Heard } from "./speech.ts";
import { all, counting, fakeSession, loudnessActivity } from "./testing/fakes.ts";
import { frames, joined, silence, stream, tone } from "./testing/sound.ts";
import { eventually } from "../../shared/testing/eventually.ts";

/** `hear` with recognisers that misbehave. A tone stands for speech. */
const speech = (ms: number) => joined(silence(320), tone(ms), silence(480));

function start(
  audio: AsyncIterable<PcmFrame>,
  session: HearOptions["session"],
  part: Partial<HearOptions> = {},
) {
  return hear(audio, {
    session,
    voiceActivity: loudnessActivity(),
    signal: new AbortController().signal,
    ...part,
  });
}

const ended = (heard: Heard[]) => heard.filter((item) => item.type === "ended");

/** Audio in real time's order but as fast as the test wants: a turn of the event loop a frame. */
async function* paced(samples: Int16Array): AsyncGenerator<PcmFrame> {
  for (const frame of frames(samples)) {
    await new Promise((resolve) => setImmediate(resolve));
    yield frame;
  }
}

test("an utterance is started, partly recognised and ended", async () => {
  const { session, utterances } = fakeSession((_, audio) => counting(audio));
  const speaking: boolean[] = [];
  const heard = await all(
    start(paced(speech(960)), session, { onSpeaking: (is) => speaking.push(is) }),
  );
  expect([...new Set(heard.map(({ type }) => type))]).toEqual(["started", "partial", "ended"]);
  expect(new Set(heard.map(({ utteranceId }) => utteranceId)).size).toBe(1);
  expect(heard.at(-1)).toMatchObject({ startedAt: 320, endedAt: 1280, cut: false });
  expect(speaking).toEqual([true, false]);
  expect(utterances[0]).toMatchObject({ ended: true });
});

test("utterances never overlap, although the next begins before the last is recognised", async () => {
  const { session, utterances } = fakeSession(
    (index, recorded) =>
      async function* (audio) {
        for await (const chunk of audio) recorded.samples += chunk.length;
        if (index === 0) await new Promise((resolve) => setTimeout(resolve, 200));
        yield { type: "final", text: `phrase ${index}` };
      },
  );
  const heard = await all(start(paced(joined(speech(640), speech(640), speech(640))), session));
  expect(heard.map(({ type }) => type)).toEqual([
    "started",
    "ended",
    "started",
    "ended",
    "started",
    "ended",
  ]);
  expect(ended(heard).map(({ text }) => text)).toEqual(["phrase 0", "phrase 1", "phrase 2"]);
  for (const { samples } of utterances) expect(samples).toBeGreaterThan(640 * 16);
});

test("every sample of a speech that is cut for its length reaches the recogniser once", async () => {
  const { session, utterances } = fakeSession((_, audio) => counting(audio));
  const spoken = tone(7_000).map((_, index) => (index % 2 ? 1 : -1) * (1000 + (index % 20_011)));
  const heard = await all(
    start(paced(joined(silence(320), spoken, silence(480))), session, {
      policy: { maximumUtteranceMs: 2_000, relaxMs: 500 },
    }),
  );
  expect(ended(heard).length).toBeGreaterThanOrEqual(3);
  const given = joined(...utterances.flatMap(({ audio }) => audio)).filter((x) => x !== 0);
  expect(given).toEqual(spoken);
});

test("a click is no speech: nobody waits for what the recogniser makes of it", async () => {
  const { session } = fakeSession(
    () =>
      async function* (_, { signal }) {
        yield { type: "partial", text: "a" };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
  );
  const heard = await all(start(paced(speech(64)), session));
  expect(ended(heard)).toMatchObject([{ text: "", cut: false, error: undefined }]);
});

test("audio that ends in the middle of a phrase marks it as cut", async () => {
  const { session } = fakeSession((_, audio) => counting(audio));
  const heard = await all(start(paced(joined(silence(320), tone(960))), session));
  expect(ended(heard)).toMatchObject([{ text: "some words", cut: true, error: undefined }]);
  const whole = await all(start(paced(joined(silence(320), tone(960), silence(200))), session));
  expect(ended(whole)).toMatchObject([{ cut: false }]);
});

describe("a recogniser that fails costs one phrase:", () => {
  async function twoPhrases(
    first: HearOptions["session"]["recognise"],
    policy: HearOptions["policy"] = {},
  ) {
    const { session } = fakeSession((index, recorded) =>
      index === 0 ? first : counting(recorded, "second"),
    );
    return ended(await all(start(paced(joined(speech(960), speech(960))), session, { policy })));
  }
  const second = { text: "second", cut: false, error: undefined };

  test("it throws at once", async () => {
    const failed = await twoPhrases(() => {
      throw new Error("no");
    });
    expect(failed).toMatchObject([{ text: "", cut: true, error: { message: "no" } }, second]);
  });

  test("it throws in the middle, and the last partial is kept", async () => {
    const failed = await twoPhrases(async function* (audio) {
      for await (const _ of audio) {
        yield { type: "partial", text: "half a" };
        throw new Error("no");
      }
    });
    expect(failed).toMatchObject([{ text: "half a", cut: true }, second]);
  });

  test("it ends without a final", async () => {
    const failed = await twoPhrases(async function* (audio) {
      for await (const _ of audio) yield { type: "partial", text: "half a" };
    });
    expect(failed).toMatchObject([
      { text: "half a", cut: true, error: { code: "failed" } },
      second,
    ]);
  });

  test("it says more than anybody can, and what it had said before is kept", async () => {
    const failed = await twoPhrases(async function* (audio) {
      for await (const _ of audio) {
        yield { type: "partial", text: "half a" };
        yield { type: "partial", text: "blah ".repeat(100_000) };
      }
    });
    expect(failed).toMatchObject([
      { text: "half a", cut: true, error: { code: "failed" } },
      second,
    ]);
  });

  test("it gives no final in time, even though it doesn't listen to its signal", async () => {
    const failed = await twoPhrases(
      async function* () {
        yield { type: "partial", text: "half a" };
        await new Promise(() => undefined);
      },
      { finalTimeoutMs: 50, abortGraceMs: 20 },
    );
    // The fake still runs: that the next overlaps it is the price of a recogniser that never ends.
    expect(failed[0]).toMatchObject({ text: "half a", cut: true, error: { code: "timeout" } });
    expect(failed).toHaveLength(2);
  });

  test("it says nothing while speech goes on", async () => {
    const audio = new AsyncQueue<PcmFrame>();
    const { session } = fakeSession((index, recorded) =>
      index > 0
        ? counting(recorded, "second")
        : async function* (_, { signal }) {
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
            yield { type: "final", text: "too late" };
          },
    );
    const heard = start(audio, session, { policy: { stallTimeoutMs: 50, resumeAfterMs: 0 } });
    for (const frame of frames(tone(960))) audio.push(frame);
    const seen: Heard[] = [];
    for await (const item of heard) {
      seen.push(item);
      if (item.type !== "ended") continue;
      if (item.error === undefined) break;
      // The speaker goes on, and so does hearing.
      for (const frame of frames(joined(tone(960), silence(480)), 960)) audio.push(frame);
    }
    expect(ended(seen)).toMatchObject([
      { text: "", cut: true, error: { code: "timeout" } },
      { text: "second", cut: false },
    ]);
  });
});

test("a recogniser that keeps failing at once isn't asked again before the next phrase", async () => {
  const { session, utterances } = fakeSession(() => {
    throw new Error("no");
  });
  const heard = await all(start(paced(joined(speech(3_000), speech(3_000))), session));
  expect(ended(heard)).toHaveLength(2);
  expect(utterances).toHaveLength(2);
});

test("capture doesn't wait for a slow recogniser; beyond 30 s the oldest audio goes", async () => {
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  const { session, utterances } = fakeSession(
    (_, recorded) =>
      async function* (audio, options) {
        await go;
        yield* counting(recorded)(audio, options);
      },
  );
  const phrases = joined(...Array.from({ length: 8 }, () => speech(6_000)));
  let frameCount = 0;
  async function* source() {
    for await (const frame of paced(phrases)) {
      frameCount += 1;
      yield frame;
    }
    release();
  }
  const heard = await all(start(source(), session, { policy: { stallTimeoutMs: 60_000 } }));
  expect(frameCount).toBe(Math.floor(phrases.length / 320));
  const results = ended(heard);
  expect(results).toHaveLength(8);
  const lost = results.filter(({ error }) => error !== undefined);
  expect(lost.length).toBeGreaterThanOrEqual(2);
  for (const { error } of lost) expect(error).toMatchObject({ code: "overloaded" });
  // The newest are whole.
  for (const result of results.slice(-3))
    expect(result).toMatchObject({ text: "some words", cut: false });
  expect(utterances.every(({ samples }) => samples <= 31_000 * 16)).toBe(true);
});

describe("the detector", () => {
  test("may fail for a moment", async () => {
    const loudness = loudnessActivity();
    let count = 0;
    const { session } = fakeSession((_, audio) => counting(audio));
    const heard = await all(
      start(paced(speech(960)), session, {
        voiceActivity: {
          ...loudness,
          judge: (windows) =>
            (count += 1) % 8 === 5 ? Promise.reject(new Error("down")) : loudness.judge(windows),
        },
      }),
    );
    expect(ended(heard)).toMatchObject([{ text: "some words", cut: false }]);
  });

  test("that stays away ends the hearing with its error", async () => {
    const { session } = fakeSession((_, audio) => counting(audio));
    const voiceActivity = {
      ...loudnessActivity(),
      judge: () => Promise.reject(new Error("down")),
    };
    await expect(all(start(stream(tone(6_000)), session, { voiceActivity }))).rejects.toThrow(
      "down",
    );
  });

  test("needn't judge the silence that is made up while a microphone rests", async () => {
    const voiceActivity = loudnessActivity();
    const judge = vi.spyOn(voiceActivity, "judge");
    const { session } = fakeSession((_, audio) => counting(audio));
    expect(await all(start(stream(silence(1_000)), session, { voiceActivity }))).toEqual([]);
    const isSilent = (window: Int16Array) => window.every((sample) => sample === 0);
    expect(judge.mock.calls.flatMap(([windows]) => windows).filter(isSilent)).toEqual([]);
    const heard = await all(start(paced(speech(960)), session, { voiceActivity }));
    expect(heard.at(-1)).toMatchObject({ startedAt: 320, endedAt: 1280, cut: false });
  });
});

test("an abort ends hearing at once and lets go of the microphone and the recogniser", async () => {
  const stop = new AbortController();
  const audio = new AsyncQueue<PcmFrame>();
  let aborted = false;
  const { session } = fakeSession(
    () =>
      async function* (_, { signal }) {
        signal.addEventListener("abort", () => (aborted = true));
        yield { type: "partial", text: "half a" };
        await new Promise(() => undefined);
      },
  );
  const seen: string[] = [];
  const done = (async () => {
    for await (const item of start(audio, session, { signal: stop.signal })) seen.push(item.type);
  })();
  for (const frame of frames(tone(960))) audio.push(frame);
  await eventually(() => expect(seen).toEqual(["started", "partial"]));
  stop.abort();
  await done;
  expect(seen).toEqual(["started", "partial"]);
  await eventually(() => expect(aborted).toBe(true));
  expect(audio.ended).toBe(true);
});
