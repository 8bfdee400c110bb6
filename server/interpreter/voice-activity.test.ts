import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNoiseGate } from "./noise-gate.ts";
import { joined, mixed, pinkNoise, say, silence } from "./testing/sound.ts";
import {
  createVoiceActivityDetector,
  startVoiceActivityWorker,
  type VoiceActivityDetector,
} from "./voice-activity.ts";

const windows = (sound: Int16Array) =>
  Array.from({ length: Math.floor(sound.length / 512) }, (_, index) =>
    sound.slice(index * 512, (index + 1) * 512),
  );

describe("the voice activity detector", () => {
  let gated: VoiceActivityDetector;
  let ungated: VoiceActivityDetector;
  let sound: Int16Array;

  beforeAll(async () => {
    [gated, ungated] = await Promise.all([
      createVoiceActivityDetector(),
      createVoiceActivityDetector({ ungated: true }),
    ]);
    const phrase = await say("do you have any questions about the plan", "slt");
    const spaced = joined(silence(2000), phrase, silence(2000));
    sound = mixed(spaced, pinkNoise(spaced.length / 16, -50));
  });
  afterAll(async () => {
    await Promise.all([gated.close(), ungated.close()]);
  });

  async function judge(detector: VoiceActivityDetector, sound: Int16Array) {
    const stream = detector.open();
    const judged: number[] = [];
    for (const window of windows(sound)) judged.push(...(await stream.judge([window])));
    stream.close();
    return judged;
  }

  test("tells speech from silence", async () => {
    const judged = await judge(ungated, sound);
    const speech = judged.slice(Math.ceil(2100 / 32), -Math.ceil(2100 / 32));
    expect(
      speech.filter((probability) => probability > 0.5).length / speech.length,
    ).toBeGreaterThan(0.9);
    expect(Math.max(...judged.slice(0, 60))).toBeLessThan(0.2);
    expect(Math.max(...judged.slice(-50))).toBeLessThan(0.2);
  });

  test("remembers each stream by itself", async () => {
    const alone = await judge(ungated, sound);
    const [first, , second] = await Promise.all([
      judge(ungated, sound),
      judge(ungated, pinkNoise(3000, -20)),
      judge(ungated, sound),
    ]);
    expect(first).toEqual(alone);
    expect(second).toEqual(alone);
  });

  test("judges windows that come at once in their order", async () => {
    const stream = ungated.open();
    const [first, ...others] = windows(sound);
    if (!first) throw new Error("there is sound");
    const judged = await Promise.all([
      stream.judge([first]),
      stream.judge([]),
      stream.judge(others),
    ]);
    stream.close();
    expect(judged.flat()).toEqual(await judge(ungated, sound));
  });

  test("says the same of speech when silence didn't reach the model", async () => {
    const [every, some] = [await judge(ungated, sound), await judge(gated, sound)];
    const spoken = (judged: number[]) => judged.flatMap((p, index) => (p > 0.5 ? [index] : []));
    const [expected, found] = [spoken(every), spoken(some)];
    expect(Math.abs((found[0] ?? 0) - (expected[0] ?? 0))).toBeLessThanOrEqual(2);
    expect(Math.abs((found.at(-1) ?? 0) - (expected.at(-1) ?? 0))).toBeLessThanOrEqual(1);
    expect(Math.abs(found.length - expected.length)).toBeLessThanOrEqual(3);
  });

  test("refuses windows of another length", async () => {
    await expect(gated.open().judge([new Int16Array(320)])).rejects.toThrow("512");
  });
});

test("a detector that cannot start says so", async () => {
  await expect(createVoiceActivityDetector({ model: "/nowhere.onnx" })).rejects.toMatchObject({
    name: "EngineError",
    code: "unavailable",
  });
});

test("closing twice is harmless, and what comes later is refused", async () => {
  const detector = await createVoiceActivityDetector({ ungated: true });
  const stream = detector.open();
  await detector.close();
  await detector.close();
  await expect(stream.judge([new Int16Array(512)])).rejects.toMatchObject({
    code: "unavailable",
  });
});

test("a worker that dies fails what it was asked, and another takes its place", async () => {
  const workers: Worker[] = [];
  const detector = await createVoiceActivityDetector({
    ungated: true,
    startWorker: (model) => {
      const worker = startVoiceActivityWorker(model);
      workers.push(worker);
      return worker;
    },
  });
  const stream = detector.open();
  const asked = stream.judge([new Int16Array(512)]);
  const killed = workers[0]?.terminate();
  await expect(asked).rejects.toMatchObject({ code: "unavailable", retryable: true });
  await killed;
  await expect
    .poll(
      () =>
        stream.judge([new Int16Array(512)]).then(
          ([probability]) => probability,
          () => NaN,
        ),
      { timeout: 5_000 },
    )
    .toBeLessThan(0.5);
  expect(workers).toHaveLength(2);
  await detector.close();
});

describe("the noise gate", () => {
  test("spares the model three of four windows of steady noise", () => {
    const gate = createNoiseGate();
    let asked = 0;
    for (let window = 0; window < 1000; window += 1) {
      if (gate.isSilence(-40 + (window % 3) - 1)) continue;
      asked += 1;
      gate.judged(-40, 0.01);
    }
    expect(asked).toBeLessThan(320);
    expect(asked).toBeGreaterThanOrEqual(250);
  });

  test("lets all through that is louder than the noise, and all while somebody speaks", () => {
    const gate = createNoiseGate();
    for (let window = 0; window < 100; window += 1) {
      if (!gate.isSilence(-40)) gate.judged(-40, 0.01);
    }
    expect(gate.isSilence(-35)).toBe(false);
    gate.judged(-35, 0.9);
    for (let window = 0; window < 100; window += 1) {
      expect(gate.isSilence(-90)).toBe(false);
      gate.judged(-90, 0.2);
    }
    gate.judged(-90, 0.01);
    expect(gate.isSilence(-90)).toBe(true);
  });

  test("hears soft speech soon after loud noise has stopped", () => {
    const gate = createNoiseGate();
    for (let window = 0; window < 100; window += 1) {
      if (!gate.isSilence(-25)) gate.judged(-25, 0.01);
    }
    for (let window = 0; window < 12; window += 1) {
      if (!gate.isSilence(-55)) gate.judged(-55, 0.01);
    }
    expect(gate.isSilence(-45)).toBe(false);
  });
});
