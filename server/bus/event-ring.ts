import type { Delivered } from "./bus.ts";
import { type Entry, RingReader } from "./ring-reader.ts";

/**
 * The newest events of one key. Readers hold no queue of their own but a position in here, so that
 * an event costs the same memory however many read it, and a reader that stalls costs nothing.
 */
export class EventRing {
  readonly #retain: number;
  readonly #readers = new Set<RingReader>();
  readonly #replaceable = new Map<string, Entry>();
  #entries: Entry[] = [];
  /** Entries that nothing superseded. */
  #live = 0;
  /** Sequence of the newest event. */
  #newest: number;
  /** Sequence of the newest event that is gone for good: who has read less misses something. */
  #floor: number;

  constructor(retain: number, floor: number) {
    this.#retain = Math.max(1, retain);
    this.#floor = floor;
    this.#newest = floor;
  }

  get floor(): number {
    return this.#floor;
  }

  /** Whether all that came after `sequence` is there, and all of it from after `since`. */
  resumes(sequence: number, since: number): boolean {
    return sequence >= this.#floor && (this.after(sequence)?.at ?? Infinity) > since;
  }

  get read(): boolean {
    return this.#readers.size > 0;
  }

  get size(): number {
    return this.#entries.length;
  }

  push(sequence: number, delivered: Delivered<unknown>, replaces: string | undefined): void {
    const entry: Entry = { sequence, at: Date.now(), delivered, superseded: false };
    if (replaces !== undefined) {
      this.#supersede(this.#replaceable.get(replaces));
      this.#replaceable.set(replaces, entry);
    }
    this.#entries.push(entry);
    this.#live += 1;
    const { length } = this.#entries;
    if (this.#live > 1.25 * this.#retain || length > 2 * this.#live + 64) this.#compact();
    const previous = this.#newest;
    this.#newest = sequence;
    for (const reader of this.#readers) reader.wake(entry, previous);
  }

  /** The oldest event after `sequence` that nothing superseded. */
  after(sequence: number): Entry | undefined {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry && entry.sequence <= sequence) low = middle + 1;
      else high = middle;
    }
    while (this.#entries[low]?.superseded) low += 1;
    return this.#entries[low];
  }

  open(sequence: number, signal: AbortSignal, onEnd: () => void): RingReader {
    const reader: RingReader = new RingReader(this, sequence, signal, () => {
      this.#readers.delete(reader);
      onEnd();
    });
    if (!signal.aborted) this.#readers.add(reader);
    return reader;
  }

  /** Leaves out events as if they had been superseded, and gives them. */
  forget(which: (event: unknown) => boolean): unknown[] {
    const entries = this.#entries.filter(
      (entry) => !entry.superseded && which(entry.delivered.event),
    );
    if (entries.length === 0) return [];
    for (const entry of entries) this.#supersede(entry);
    this.#compact();
    return entries.map(({ delivered }) => delivered.event);
  }

  close(): void {
    for (const reader of this.#readers) reader.end();
  }

  #supersede(entry: Entry | undefined): void {
    if (!entry || entry.superseded) return;
    entry.superseded = true;
    this.#live -= 1;
  }

  /** Leaves out what is superseded or too old. A quarter too many may gather: this is done seldom. */
  #compact(): void {
    const live = this.#entries.filter((entry) => !entry.superseded);
    const excess = live.length - this.#retain;
    if (excess > 0) {
      const gone = live.splice(0, excess);
      this.#floor = gone.at(-1)?.sequence ?? this.#floor;
    }
    this.#entries = live;
    this.#live = live.length;
    const oldest = live[0]?.sequence ?? Number.POSITIVE_INFINITY;
    for (const [key, entry] of this.#replaceable) {
      if (entry.superseded || entry.sequence < oldest) this.#replaceable.delete(key);
    }
  }
}
