/** Level of `samples[from, to)` in dB below full scale (0 is the loudest, -100 stands for silence). */
export function levelOf(samples: Int16Array, from = 0, to = samples.length): number {
  let sum = 0;
  for (let index = from; index < to; index += 1) {
    const sample = samples[index] ?? 0;
    sum += sample * sample;
  }
  if (sum === 0 || to <= from) return -100;
  return Math.max(-100, 10 * Math.log10(sum / (to - from) / 32_768 ** 2));
}
