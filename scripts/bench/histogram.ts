const BUCKET = 20;
const BUCKETS = 250_000;

/** Counts times in microseconds, to 20 of them, up to 5 s. */
export class Histogram {
  readonly #buckets = new Uint32Array(BUCKETS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(time: number): void {
    const bucket = Math.max(0, Math.min(BUCKETS - 1, Math.floor(time / BUCKET)));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
  }

  /** In microseconds; 0 while there is nothing. */
  percentile(share: number): number {
    const wanted = share * this.#count;
    let seen = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      seen += count;
      if (count > 0 && seen >= wanted) return (bucket + 1) * BUCKET;
    }
    return 0;
  }

  clear(): void {
    this.#buckets.fill(0);
    this.#count = 0;
  }
}
