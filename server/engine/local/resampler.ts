/**
 * Changes the sample rate of a stream of 16-bit mono by a polyphase filter: a sinc under a Kaiser
 * window, with its own coefficients for every position between two samples of the input.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #phases: readonly Float64Array[];
  /** The end of what came before, as far as the filter still reaches. */
  #tail: Float64Array;
  /** Of the next output sample, in steps of 1/up input samples from the start of the tail. */
  #position = 0;

  constructor(fromRate: number, toRate: number) {
    const divisor = greatestCommonDivisor(fromRate, toRate);
    this.#up = toRate / divisor;
    this.#down = fromRate / divisor;
    this.#phases = design(this.#up, Math.min(1, toRate / fromRate));
    // Half a filter of silence, so that the first output sample sits on the first input sample.
    this.#tail = new Float64Array(taps / 2 - 1);
  }

  /** What can be computed up to now; the filter holds back the last 16 input samples. */
  push(samples: Int16Array): Int16Array {
    const input = new Float64Array(this.#tail.length + samples.length);
    input.set(this.#tail);
    input.set(samples, this.#tail.length);
    const reach = (input.length - taps + 1) * this.#up;
    const count = Math.max(0, Math.ceil((reach - this.#position) / this.#down));
    const output = new Int16Array(count);
    for (let index = 0; index < count; index += 1) {
      const at = Math.floor(this.#position / this.#up);
      const phase = this.#phases[this.#position % this.#up] ?? input;
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) sum += (phase[tap] ?? 0) * (input[at + tap] ?? 0);
      output[index] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
      this.#position += this.#down;
    }
    const used = Math.min(input.length, Math.floor(this.#position / this.#up));
    this.#tail = input.slice(used);
    this.#position -= used * this.#up;
    return output;
  }

  /** The rest. */
  flush(): Int16Array {
    return this.push(new Int16Array(taps / 2));
  }
}

/** Input samples that make an output sample. */
const taps = 32;

/** Of the Kaiser window: what the filter should stop is down by about 80 dB. */
const beta = 8;

function design(up: number, bandwidth: number): Float64Array[] {
  // The pass band ends a little below the half sample rate, where the filter falls off.
  const cutoff = bandwidth * 0.94;
  return Array.from({ length: up }, (_, phase) => {
    const weights = Float64Array.from({ length: taps }, (_, tap) => {
      const x = tap - (taps / 2 - 1) - phase / up;
      return sinc(x * cutoff) * kaiser(x / (taps / 2));
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  });
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kaiser = (x: number) =>
  Math.abs(x) > 1 ? 0 : bessel(beta * Math.sqrt(1 - x * x)) / bessel(beta);

/** The modified Bessel function of the first kind, order 0. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
