import type { Sound } from "./wav.ts";

/** Zero crossings of the sinc on either side of its middle: 80 dB of stop band with this window. */
const CROSSINGS = 24;

/** Changes the sample rate with a windowed sinc; what the new rate cannot hold is filtered out. */
export function resample(sound: Sound, rate: number): Sound {
  if (sound.rate === rate) return sound;
  const common = greatestCommonDivisor(sound.rate, rate);
  const [up, down] = [rate / common, sound.rate / common];
  const cutoff = Math.min(1, rate / sound.rate) * 0.95;
  const reach = Math.ceil(CROSSINGS / cutoff);
  const kernels = Array.from({ length: up }, (_, phase) => kernel(phase / up, cutoff, reach));

  const { samples } = sound;
  const output = new Int16Array(Math.floor((samples.length * up) / down));
  for (let n = 0; n < output.length; n += 1) {
    const position = n * down;
    const whole = Math.floor(position / up);
    const taps = kernels[position % up] ?? new Float64Array(0);
    const start = whole - reach + 1;
    let sum = 0;
    for (let tap = 0; tap < taps.length; tap += 1) {
      sum += (samples[start + tap] ?? 0) * (taps[tap] ?? 0);
    }
    output[n] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return { samples: output, rate };
}

/** Weights of the samples around a point that lies `fraction` of a sample after one of them. */
function kernel(fraction: number, cutoff: number, reach: number): Float64Array {
  const taps = new Float64Array(reach * 2);
  let total = 0;
  for (let tap = 0; tap < taps.length; tap += 1) {
    const distance = tap - reach + 1 - fraction;
    const angle = Math.PI * distance * cutoff;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    const turn = (Math.PI * distance) / reach;
    const blackman = 0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
    taps[tap] = Math.abs(distance) < reach ? sinc * blackman : 0;
    total += taps[tap] ?? 0;
  }
  return taps.map((weight) => weight / total);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
