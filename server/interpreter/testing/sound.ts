import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { HEARING_RATE, type PcmFrame } from "../../kit/pcm.ts";

const run = promisify(execFile);

/** `text` in a voice of flite, 16 kHz, without the silence around it (below -45 dBFS). */
export async function say(text: string, voice: "slt" | "rms"): Promise<Int16Array> {
  const folder = await mkdtemp(join(tmpdir(), "parley-say-"));
  try {
    const [wav, raw] = [join(folder, "say.wav"), join(folder, "say.raw")];
    await run("flite", ["-voice", voice, "-t", text, "-o", wav]);
    await run("sox", [wav, "-r", String(HEARING_RATE), "-c", "1", "-t", "s16", raw]);
    return trim(toSamples(await readFile(raw)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function toSamples(bytes: Uint8Array): Int16Array {
  return new Int16Array(bytes.slice().buffer);
}

/** Samples of the blocks of 10 ms that sound is looked for in. */
const STEP = HEARING_RATE / 100;

function trim(samples: Int16Array): Int16Array {
  const loud = (from: number) => {
    const block = samples.subarray(from, from + STEP);
    return Math.sqrt(block.reduce((sum, x) => sum + x * x, 0) / block.length) > 184;
  };
  let [from, to] = [0, samples.length - (samples.length % STEP)];
  while (from < to && !loud(from)) from += STEP;
  while (to > from && !loud(to - STEP)) to -= STEP;
  return samples.slice(from, to);
}

/** Pink noise from a fixed seed, at about `level` dBFS. */
export function pinkNoise(ms: number, level: number, seed = 1): Int16Array {
  const count = Math.round((ms * HEARING_RATE) / 1000);
  let state = seed;
  const white = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  // Paul Kellet's filter, the economy version.
  let [b0, b1, b2] = [0, 0, 0];
  const noise = Float64Array.from({ length: count }, () => {
    const next = white();
    b0 = 0.997_65 * b0 + next * 0.099_046;
    b1 = 0.963 * b1 + next * 0.296_516_4;
    b2 = 0.57 * b2 + next * 1.052_691_3;
    return b0 + b1 + b2 + next * 0.1848;
  });
  const rms = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / count);
  const gain = (32_768 * 10 ** (level / 20)) / rms;
  return Int16Array.from(noise, (x) => Math.max(-32_768, Math.min(32_767, Math.round(x * gain))));
}

export const silence = (ms: number) => new Int16Array(Math.round((ms * HEARING_RATE) / 1000));

export function tone(ms: number, amplitude = 8000): Int16Array {
  return silence(ms).map((_, index) => Math.round(amplitude * Math.sin(index / 5)));
}

export function joined(...parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Both at once. */
export function mixed(sound: Int16Array, noise: Int16Array): Int16Array {
  return sound.map((sample, index) =>
    Math.max(-32_768, Math.min(32_767, sample + (noise[index] ?? 0))),
  );
}

/** Frames of 20 ms whose clock starts at `startAt`: as fast as they are read, not in real time. */
export function* frames(samples: Int16Array, startAt = 0): Generator<PcmFrame> {
  const length = HEARING_RATE / 50;
  for (let from = 0; from + length <= samples.length; from += length) {
    yield {
      samples: samples.slice(from, from + length),
      at: startAt + ((from + length) * 1000) / HEARING_RATE,
    };
  }
}

export async function* stream(samples: Int16Array): AsyncGenerator<PcmFrame> {
  yield* frames(samples);
}
