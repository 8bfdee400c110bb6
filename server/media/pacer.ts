/** More than this late, the pacer starts counting anew instead of sending a burst. */
const FORGIVEN_MS = 200;
/**
 * Whoever is due so soon after another is called along with it: a packet that is a little early once
 * costs less than a wake-up of its own each time.
 */
const TOGETHER_MS = 8;

/** Gives the ms after which it wants to be called again. */
type Tick = () => number;

export type Paced = {
  /** Calls it now, without waiting for its turn, and counts from here. */
  wake(): void;
  stop(): void;
};

type Entry = { tick: Tick; dueAt: number };

/**
 * Calls everyone who is to send, each when it has said, on slots that do not drift: a late call is
 * followed by an earlier one. One timer serves all outlets of the process.
 */
export class Pacer {
  readonly #entries = new Set<Entry>();
  #timer: NodeJS.Timeout | undefined;
  #slot = Infinity;

  /** `tick` is called for the first time at once, before this returns. */
  add(tick: Tick): Paced {
    const entry: Entry = { tick, dueAt: Infinity };
    this.#entries.add(entry);
    const wake = () => {
      if (!this.#entries.has(entry)) return;
      entry.dueAt = performance.now() + tick();
      this.#schedule();
    };
    wake();
    return {
      wake,
      stop: () => {
        this.#entries.delete(entry);
        this.#schedule();
      },
    };
  }

  #run(): void {
    const now = performance.now();
    const slot = now - this.#slot > FORGIVEN_MS ? now : this.#slot;
    for (const entry of this.#entries) {
      if (entry.dueAt > slot + TOGETHER_MS) continue;
      entry.dueAt = slot;
      do entry.dueAt += entry.tick();
      while (entry.dueAt <= now);
    }
    this.#schedule();
  }

  #schedule(): void {
    const slot = Array.from(this.#entries).reduce(
      (first, { dueAt }) => Math.min(first, dueAt),
      Infinity,
    );
    if (slot === this.#slot) return;
    clearTimeout(this.#timer);
    this.#slot = slot;
    if (slot === Infinity) return;
    // Whole ms: a timer of Node's fires early for the fraction, and then once more.
    const ms = Math.max(0, Math.ceil(slot - performance.now()));
    this.#timer = setTimeout(() => this.#run(), ms);
  }
}
