import { FRAME_MS } from "./opus.ts";

/** More than this late, the pacer starts counting anew instead of sending a burst. */
const FORGIVEN_MS = 200;

/**
 * Calls everyone who listens once each 20 ms, on slots that do not drift: a late tick is followed by
 * an earlier one. One timer serves all outlets of the process.
 */
export class Pacer {
  readonly #ticks = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #dueAt = 0;

  add(tick: () => void): () => void {
    this.#ticks.add(tick);
    if (this.#timer === undefined) {
      this.#dueAt = performance.now() + FRAME_MS;
      this.#schedule();
    }
    return () => {
      this.#ticks.delete(tick);
      if (this.#ticks.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#run(), Math.max(0, this.#dueAt - performance.now()));
  }

  #run(): void {
    const now = performance.now();
    if (now - this.#dueAt > FORGIVEN_MS) this.#dueAt = now;
    while (this.#dueAt <= now) {
      this.#dueAt += FRAME_MS;
      for (const tick of this.#ticks) tick();
    }
    if (this.#ticks.size > 0) this.#schedule();
  }
}
