import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createModelGate, type ModelGate } from "./model-gate.ts";
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

/** Is ready, and dies of the first question. The model's own thread takes the process along. */
const dying = `
  const { parentPort } = require("node:worker_threads");
  parentPort.once("message", () => process.exit(1));
  parentPort.postMessage({ type: "ready" });`;

test("a worker that dies fails what it was asked, and another takes its place", async () => {
  const workers: Worker[] = [];
  const detector = await createVoiceActivityDetector({
    ungated: true,
    startWorker: (model) => {
      const isFirst = workers.length === 0;
      const worker = isFirst ? new Worker(dying, { eval: true }) : startVoiceActivityWorker(model);
      workers.push(worker);
      return worker;
    },
  });
  const stream = detector.open();
  const asked = stream.judge([new Int16Array(512)]);
  await expect(asked).rejects.toMatchObject({ code: "unavailable", retryable: true });
  await expect
    .poll(() =>
      stream.judge([new Int16Array(512)]).then(
        ([probability]) => probability,
        () => NaN,
      ),
    )
    .toBeLessThan(0.5);
  expect(workers).toHaveLength(2);
  await detector.close();
});

describe("the gate before the model", () => {
  const SILENCE = 0.01;
  const VOICE = 0.95;

  /** Windows of one level, of which the model says `probability`. Gives how many it was asked about. */
  function pass(gate: ModelGate, count: number, level: number, probability: number): number {
    let asked = 0;
    for (let window = 0; window < count; window += 1) {
      if (gate.foresee(level) !== undefined) continue;
      asked += 1;
      gate.judged(level, probability);
    }
    return asked;
  }

  test("spares the model three of four windows of steady noise", () => {
    const gate = createModelGate();
    let asked = 0;
    for (let window = 0; window < 1000; window += 1) {
      if (gate.foresee(-40 + (window % 3) - 1) === 0) continue;
      asked += 1;
      gate.judged(-40, SILENCE);
    }
    expect(asked).toBeLessThan(320);
    expect(asked).toBeGreaterThanOrEqual(250);
  });

  test("lets all through that is louder than the noise, until the voice is over", () => {
    const gate = createModelGate();
    pass(gate, 100, -40, SILENCE);
    expect(gate.foresee(-35)).toBeUndefined();
    gate.judged(-35, VOICE);
    expect(pass(gate, 100, -90, 0.2)).toBe(100);
    expect(gate.foresee(-90)).toBeUndefined();
    gate.judged(-90, SILENCE);
    expect(gate.foresee(-90)).toBe(0);
  });

  test("spares the model every other window of a voice that goes on", () => {
    const gate = createModelGate();
    expect(pass(gate, 100, -20, VOICE)).toBe(50);
    expect(gate.foresee(-20)).toBeUndefined();
    gate.judged(-20, VOICE);
    expect(gate.foresee(-22)).toBe(VOICE);
  });

  test("asks at once when a voice grows softer, or when it isn't sure of one", () => {
    const gate = createModelGate();
    pass(gate, 9, -20, VOICE);
    expect(gate.foresee(-27)).toBeUndefined();
    gate.judged(-27, 0.6);
    expect(pass(gate, 10, -20, 0.8)).toBe(10);
  });

  test("hears soft speech soon after loud noise has stopped", () => {
    const gate = createModelGate();
    pass(gate, 100, -25, SILENCE);
    pass(gate, 12, -55, SILENCE);
    expect(gate.foresee(-45)).toBeUndefined();
  });
});
