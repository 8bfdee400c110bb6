import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hear } from "./hear.ts";
import { all, counting, fakeSession } from "./testing/fakes.ts";
import { joined, mixed, pinkNoise, say, silence, stream } from "./testing/sound.ts";
import { createVoiceActivityDetector, type VoiceActivityDetector } from "./voice-activity.ts";

/** Real speech, the real detector; the recogniser only counts what it is given. */
describe("hearing real speech", () => {
  let detector: VoiceActivityDetector;
  let phrases: Int16Array[];

  beforeAll(async () => {
    detector = await createVoiceActivityDetector();
    phrases = await Promise.all([
      say("the train to london leaves at seven in the morning", "slt"),
      say("we need to finish the report before friday", "rms"),
    ]);
  });
  afterAll(async () => {
    await detector.close();
  });

  async function utterances(sound: Int16Array, noiseDb = -55) {
    const { session, utterances: given } = fakeSession((_, audio) => counting(audio));
    const voiceActivity = detector.open();
    const heard = await all(
      hear(stream(mixed(sound, pinkNoise((sound.length / 16) | 0, noiseDb))), {
        session,
        voiceActivity,
        signal: new AbortController().signal,
      }),
    );
    voiceActivity.close();
    return { ended: heard.filter((item) => item.type === "ended"), heard, given };
  }
  const ms = (samples: Int16Array) => samples.length / 16;

  test.each([
    [0, -70],
    [0, -55],
    [1, -70],
    [1, -55],
  ])("finds where phrase %i starts and ends in noise of %i dBFS", async (number, noiseDb) => {
    const phrase = phrases[number] ?? silence(0);
    const { ended, given } = await utterances(
      joined(silence(1000), phrase, silence(1000)),
      noiseDb,
    );
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({ text: "some words", cut: false, error: undefined });
    expect(Math.abs((ended[0]?.startedAt ?? 0) - 1000)).toBeLessThan(100);
    expect(Math.abs((ended[0]?.endedAt ?? 0) - 1000 - ms(phrase))).toBeLessThan(40);
    // The recogniser had all of it, with some of what was before and after.
    expect(given[0]?.samples).toBeGreaterThan(phrase.length + 16 * 400);
  });

  test("finds the phrase in loud noise, within the detector's own tail", async () => {
    const phrase = phrases[0] ?? silence(0);
    const { ended } = await utterances(joined(silence(1000), phrase, silence(1000)), -40);
    expect(ended).toHaveLength(1);
    expect(Math.abs((ended[0]?.endedAt ?? 0) - 1000 - ms(phrase))).toBeLessThan(120);
  });

  test.each([-60, -45, -30])("hears nothing in pink noise of %i dBFS", async (noiseDb) => {
    const { heard } = await utterances(silence(10_000), noiseDb);
    expect(heard).toEqual([]);
  });

  test.each([
    [800, 2],
    [150, 1],
  ])("hears two phrases %i ms apart as %i", async (pauseMs, count) => {
    const [first = silence(0), second = silence(0)] = phrases;
    const { ended } = await utterances(
      joined(silence(500), first, silence(pauseMs), second, silence(1000)),
    );
    expect(ended).toHaveLength(count);
  });
});
