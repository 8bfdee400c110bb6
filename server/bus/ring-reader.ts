import { AppError } from "../kit/errors.ts";
import { type Delivered } from "./bus.ts";

/** What a reader asks of its ring. */
export type ReadableRing = {
  readonly floor: number;
  after(sequence: number): { sequence: number; delivered: Delivered<unknown> } | undefined;
};

type Result = IteratorResult<Delivered<unknown>, undefined>;

const ended: Result = { value: undefined, done: true };

/** One reader's position in a ring. It is read by one `for await` at a time. */
export class RingReader implements AsyncIterableIterator<Delivered<unknown>, undefined> {
  readonly #ring: ReadableRing;
  readonly #signal: AbortSignal;
  readonly #onEnd: () => void;
  readonly #onAbort = () => this.end();
  #sequence: number;
  #waiting: ((result: Result) => void) | undefined;
  #ended = false;

  constructor(ring: ReadableRing, sequence: number, signal: AbortSignal, onEnd: () => void) {
    this.#ring = ring;
    this.#sequence = sequence;
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal.aborted) this.#ended = true;
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Something was published. */
  wake(): void {
    if (!this.#waiting) return;
    const entry = this.#ring.after(this.#sequence);
    if (!entry) return;
    const resolve = this.#waiting;
    this.#waiting = undefined;
    this.#sequence = entry.sequence;
    resolve({ value: entry.delivered, done: false });
  }

  next(): Promise<Result> {
    if (this.#ended) return Promise.resolve(ended);
    if (this.#sequence < this.#ring.floor) {
      this.end();
      const message = "You fell too far behind and missed something. Please come back.";
      return Promise.reject(new AppError("FELL_BEHIND", message));
    }
    const entry = this.#ring.after(this.#sequence);
    if (!entry) return new Promise((resolve) => (this.#waiting = resolve));
    this.#sequence = entry.sequence;
    return Promise.resolve({ value: entry.delivered, done: false });
  }

  return(): Promise<Result> {
    this.end();
    return Promise.resolve(ended);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#waiting?.(ended);
    this.#waiting = undefined;
    this.#onEnd();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
