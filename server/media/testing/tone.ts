import { HEARING_RATE, SPEAKING_RATE } from "../../kit/pcm.ts";

/** A tone of `hertz` at 24 kHz unless said otherwise, from sample `from` on. */
export function tone(hertz: number, length: number, from = 0, rate = SPEAKING_RATE): Int16Array {
  return Int16Array.from({ length }, (_, index) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * hertz * (from + index)) / rate)),
  );
}

/** Share of the energy of `samples` (16 kHz) that lies at `hertz`, 0 to 1. */
export function shareAt(samples: Int16Array, hertz: number): number {
  let [sine, cosine, energy] = [0, 0, 0];
  for (const [index, sample] of samples.entries()) {
    const angle = (2 * Math.PI * hertz * index) / HEARING_RATE;
    sine += sample * Math.sin(angle);
    cosine += sample * Math.cos(angle);
    energy += sample * sample;
  }
  return energy === 0 ? 0 : (2 * (sine * sine + cosine * cosine)) / (samples.length * energy);
}

/** The root of the mean square: 8 485 for a tone. */
export function levelOf(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}
