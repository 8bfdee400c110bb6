import type { Page } from "playwright-core";
import { RECORDING_BLOCK, RECORDING_RATE } from "./page-probe.ts";
import type { Sound } from "./wav.ts";

/** Louder than the noise of a codec's silence: as the microphone's sounds are told apart. */
const HEARD_LEVEL = 600;

/** What a page really received and played of one track, and when. Times are ms of the wall clock. */
export class Recording {
  readonly sound: Sound;
  readonly #blockEnds: readonly number[];

  constructor(samples: Int16Array, blockEnds: readonly number[]) {
    this.sound = { samples, rate: RECORDING_RATE };
    this.#blockEnds = blockEnds;
  }

  /** When a sample came out of the track. */
  timeOf(sample: number): number {
    const block = Math.min(Math.floor(sample / RECORDING_BLOCK), this.#blockEnds.length - 1);
    const end = this.#blockEnds[block] ?? 0;
    return end - (((block + 1) * RECORDING_BLOCK - sample) / RECORDING_RATE) * 1000;
  }

  /** The first sample that came out at or after `at`. */
  sampleAt(at: number): number {
    let [low, high] = [0, this.#blockEnds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#blockEnds[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    const end = this.#blockEnds[low];
    if (end === undefined) return this.sound.samples.length;
    const within = RECORDING_BLOCK - Math.ceil(((end - at) / 1000) * RECORDING_RATE);
    return low * RECORDING_BLOCK + Math.max(0, within);
  }

  between(from: number, to: number): Sound {
    const samples = this.sound.samples.subarray(this.sampleAt(from), this.sampleAt(to));
    return { samples, rate: RECORDING_RATE };
  }

  /** When sound was first heard from `from` on, before `to`. */
  onset(from: number, to: number): number | undefined {
    const [first, last] = [this.sampleAt(from), this.sampleAt(to)];
    const index = this.sound.samples
      .subarray(first, last)
      .findIndex((sample) => Math.abs(sample) > HEARD_LEVEL);
    return index < 0 ? undefined : this.timeOf(first + index);
  }
}

export async function takeRecording(page: Page, name: string): Promise<Recording> {
  const { samples, blockEnds } = await page.evaluate((of) => window.parleyProbe.recorded(of), name);
  const bytes = Buffer.from(samples, "base64");
  const whole = new Int16Array(bytes.length / 2);
  for (let n = 0; n < whole.length; n += 1) whole[n] = bytes.readInt16LE(n * 2);
  return new Recording(whole, blockEnds);
}
