import { AppError } from "../kit/errors.ts";
import type { Delivered, Events } from "./bus.ts";

export type Entry = {
  sequence: number;
  /** When it was published, in milliseconds since 1970. */
  at: number;
  delivered: Delivered<unknown>;
  superseded: boolean;
};

/** What a reader asks of its ring. */
export type ReadableRing = {
  readonly floor: number;
  after(sequence: number): Entry | undefined;
};

type Result = IteratorResult<Delivered<unknown>, undefined>;
type Listener = (delivered: Delivered<unknown>) => void | Promise<void>;

const ended: Result = { value: undefined, done: true };

/** One reader's position in a ring. It is read by one `for await` or one `each`, not by both. */
export class RingReader
  implements Events<unknown>, AsyncIterableIterator<Delivered<unknown>, undefined>
{
  readonly #ring: ReadableRing;
  readonly #signal: AbortSignal;
  readonly #onEnd: () => void;
  readonly #onAbort = () => this.end();
  #sequence: number;
  #waiting: ((result: Result) => void) | undefined;
  #listener: Listener | undefined;
  /** The listener has not done with an event yet. */
  #listening = false;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  #ended = false;

  constructor(ring: ReadableRing, sequence: number, signal: AbortSignal, onEnd: () => void) {
    this.#ring = ring;
    this.#sequence = sequence;
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal.aborted) this.#ended = true;
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** `entry` was published, next after the one of the sequence `previous`. */
  wake(entry: Entry, previous: number): void {
    if (this.#listener) {
      // Nearly always the reader has had all that came before. Else it looks for itself.
      if (this.#sequence === previous && !this.#listening) this.#tell(this.#listener, entry);
      else this.#tellAll(this.#listener);
      return;
    }
    if (!this.#waiting) return;
    const next = this.#ring.after(this.#sequence);
    if (!next) return;
    const resolve = this.#waiting;
    this.#waiting = undefined;
    this.#sequence = next.sequence;
    resolve({ value: next.delivered, done: false });
  }

  each(listener: Listener): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#listener = listener;
      this.#tellAll(listener);
    });
  }

  next(): Promise<Result> {
    if (this.#ended) return Promise.resolve(ended);
    if (this.#sequence < this.#ring.floor) {
      this.end();
      return Promise.reject(fellBehind());
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
    this.#listener = undefined;
    this.#settle?.resolve();
    this.#onEnd();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Tells all that is there, until the listener has to be waited for. */
  #tellAll(listener: Listener): void {
    while (!this.#listening && !this.#ended) {
      if (this.#sequence < this.#ring.floor) {
        this.#fail(fellBehind());
        return;
      }
      const entry = this.#ring.after(this.#sequence);
      if (!entry) return;
      this.#tell(listener, entry);
    }
  }

  #tell(listener: Listener, entry: Entry): void {
    this.#sequence = entry.sequence;
    // What the listener itself publishes has to wait for its turn.
    this.#listening = true;
    try {
      const done = listener(entry.delivered);
      if (done) {
        done.then(
          () => this.#listenOn(listener),
          (error: unknown) => this.#fail(error),
        );
        return;
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#listening = false;
  }

  #listenOn(listener: Listener): void {
    this.#listening = false;
    this.#tellAll(listener);
  }

  #fail(error: unknown): void {
    this.#settle?.reject(error);
    this.end();
  }
}

function fellBehind(): AppError {
  const message = "You fell too far behind and missed something. Please come back.";
  return new AppError("FELL_BEHIND", message);
}
