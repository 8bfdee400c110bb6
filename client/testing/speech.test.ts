import { describe, expect, test } from "vitest";
import { soundCorrelation } from "./correlation.ts";
import { resample } from "./resample.ts";
import { concatenate, microphoneSound, sayWithFlite } from "./speech.ts";
import { formatWav, parseWav, type Sound } from "./wav.ts";

function tone(hertz: number, rate: number, seconds: number): Sound {
  const samples = Int16Array.from({ length: rate * seconds }, (_, n) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hertz * n) / rate)),
  );
  return { samples, rate };
}

const peak = (sound: Sound) =>
  sound.samples.slice(2000, -2000).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

test("a WAV file holds what was written", () => {
  const sound = { samples: Int16Array.of(0, 1, -32768, 32767), rate: 48_000 };
  expect(parseWav(formatWav(sound))).toEqual(sound);
  expect(() => parseWav(Buffer.from("RIFFnothing of the kind"))).toThrow("not a WAV file");
});

test("resampling keeps a tone, and filters out what the new rate cannot hold", () => {
  const up = resample(tone(1000, 16_000, 1), 48_000);
  const expected = tone(1000, 48_000, 1);
  expect(up.samples.length).toBe(48_000);
  for (let n = 2000; n < 46_000; n += 997) {
    expect(Math.abs((up.samples[n] ?? 0) - (expected.samples[n] ?? 0))).toBeLessThan(40);
  }
  expect(peak(resample(tone(3000, 48_000, 1), 16_000))).toBeGreaterThan(9900);
  expect(peak(resample(tone(9500, 48_000, 1), 16_000))).toBeLessThan(20);
});

describe("with flite's speech", { timeout: 60_000 }, () => {
  test("a microphone's sound has each sentence exactly where it says", async () => {
    const { sound, spoken } = await microphoneSound({
      texts: ["good morning", "thank you"],
      voice: "slt",
      leadInMs: 500,
      pauseMs: 700,
    });
    expect(sound.rate).toBe(48_000);
    const at = (ms: number) => Math.round(ms * 48);
    const loudest = (fromMs: number, toMs: number) =>
      sound.samples
        .subarray(at(fromMs), at(toMs))
        .reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    const [first, second] = spoken;
    if (!first || !second) throw new Error("two sentences were said");
    expect(first.startMs).toBe(500);
    expect(second.startMs).toBeCloseTo(first.endMs + 700, 5);
    expect(loudest(0, 500)).toBe(0);
    expect(loudest(first.endMs, second.startMs)).toBe(0);
    expect(loudest(first.startMs, first.startMs + 1)).toBeGreaterThan(600);
    expect(loudest(first.endMs - 1, first.endMs)).toBeGreaterThan(600);
  });

  test("speech is found in a recording of it, wherever, however loud, slightly stretched", async () => {
    const said = await sayWithFlite("the doctor will see you in ten minutes", "rms");
    const half = Math.floor(said.samples.length / 2);
    const stretched = concatenate([
      new Int16Array(20_000),
      said.samples.subarray(0, half),
      // The jitter buffer repeats 5 ms.
      said.samples.subarray(half - 80, half),
      said.samples.subarray(half),
      new Int16Array(9000),
    ]).map((sample) => sample * 0.3);
    const match = soundCorrelation(said, resample({ samples: stretched, rate: 16_000 }, 48_000));
    expect(match.correlation).toBeGreaterThan(0.95);
    expect(match.atMs).toBeCloseTo(1250, 0);
  });

  test("neither another sentence, another voice, nor half of the sound passes for it", async () => {
    const text = "the doctor will see you in ten minutes";
    const said = await sayWithFlite(text, "rms");
    const others = [
      await sayWithFlite("there are two people waiting at the door", "rms"),
      await sayWithFlite("she bought three red apples at the market", "rms"),
      await sayWithFlite(text, "awb"),
      tone(120, 16_000, 3),
      { samples: new Int16Array(48_000), rate: 16_000 },
    ];
    for (const other of others) {
      expect(soundCorrelation(said, other).correlation).toBeLessThan(0.4);
    }
    const half = said.samples.map((sample, n) => (Math.floor(n / 1600) % 2 === 0 ? sample : 0));
    const gaps = soundCorrelation(said, { samples: half, rate: said.rate }).correlation;
    expect(gaps).toBeLessThan(0.8);
  });
});
