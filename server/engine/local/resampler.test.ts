import { describe, expect, it } from "vitest";
import { Resampler } from "./resampler.ts";

function sine(hertz: number, rate: number, seconds: number, amplitude = 16_000): Int16Array {
  return Int16Array.from({ length: rate * seconds }, (_, index) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hertz * index) / rate)),
  );
}

/** How far the wanted sine is above everything else, in dB, edges left out. */
function signalToNoise(samples: Int16Array, hertz: number, rate: number): number {
  let [signal, noise] = [0, 0];
  const wanted = sine(hertz, rate, Math.ceil(samples.length / rate));
  for (let index = 200; index < samples.length - 200; index += 1) {
    const expected = wanted[index] ?? 0;
    signal += expected ** 2;
    noise += (expected - (samples[index] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe("the resampler", () => {
  it.each([100, 440, 1000, 3000, 6000, 8000])(
    "keeps a sine of %i Hz where and as it was",
    (hertz) => {
      const resampler = new Resampler(22_050, 24_000);
      const input = sine(hertz, 22_050, 1);
      const output = Int16Array.from([...resampler.push(input), ...resampler.flush()]);
      expect(Math.abs(output.length - 24_000)).toBeLessThanOrEqual(1);
      expect(signalToNoise(output, hertz, 24_000)).toBeGreaterThan(60);
    },
  );

  it("lets nothing through that the lower rate can't hold", () => {
    const output = new Resampler(48_000, 16_000).push(sine(11_000, 48_000, 1));
    expect(Math.max(...output.slice(200))).toBeLessThan(160);
  });

  it("gives the same however its input is cut", () => {
    const input = sine(700, 22_050, 0.2);
    const whole = new Resampler(22_050, 24_000).push(input);
    const resampler = new Resampler(22_050, 24_000);
    const parts: number[] = [];
    for (let at = 0; at < input.length; at += 37) {
      parts.push(...resampler.push(input.subarray(at, at + 37)));
    }
    expect(Int16Array.from(parts)).toEqual(whole);
  });

  it("limits what would overflow", () => {
    const square = Int16Array.from({ length: 2000 }, (_, index) =>
      index % 50 < 25 ? 32_767 : -32_768,
    );
    const output = new Resampler(22_050, 24_000).push(square);
    expect(Math.max(...output)).toBe(32_767);
    expect(Math.min(...output)).toBe(-32_768);
  });
});
