/** What happens to an item that comes when `limit` items wait. */
export type Overflow = "drop-oldest" | "fail";

export type AsyncQueueOptions<Item> = {
  /** Items that may wait. Unbounded when absent, for producers that are bounded elsewhere. */
  limit?: number;
  overflow?: Overflow;
  /** Items of one key replace each other while they wait: the reader gets only the newest. */
  key?: (item: Item) => string | undefined;
  /** Ends the queue and drops what waits. */
  signal?: AbortSignal;
};

/** Thrown to the reader of a queue with `overflow: "fail"` that fell behind by `limit` items. */
export class QueueOverflowError extends Error {
  constructor(limit: number) {
    super(`the reader fell ${limit} items behind`);
    this.name = "QueueOverflowError";
  }
}

/** A bounded queue between one that pushes and one that reads with `for await`. */
export class AsyncQueue<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #options: AsyncQueueOptions<Item>;
  #items: Item[] = [];
  #waiting: ((result: IteratorResult<Item, undefined>) => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;
  #ended = false;
  #error: { error: unknown } | undefined;
  readonly #onAbort = () => this.#stop();

  constructor(options: AsyncQueueOptions<Item> = {}) {
    this.#options = options;
    if (options.signal?.aborted) this.#stop();
    else options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get size(): number {
    return this.#items.length;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Gives false when the queue has ended and the item went nowhere. */
  push(item: Item): boolean {
    if (this.#ended) return false;
    if (this.#waiting) {
      const resolve = this.#waiting;
      this.#waiting = this.#fail = undefined;
      resolve({ value: item, done: false });
      return true;
    }
    const { limit, overflow = "drop-oldest", key } = this.#options;
    const itemKey = key?.(item);
    if (itemKey !== undefined) {
      const index = this.#items.findIndex((waiting) => key?.(waiting) === itemKey);
      if (index >= 0) this.#items.splice(index, 1);
    }
    if (limit !== undefined && this.#items.length >= limit) {
      if (overflow === "fail") {
        this.#items = [];
        this.fail(new QueueOverflowError(limit));
        return false;
      }
      this.#items.shift();
    }
    this.#items.push(item);
    return true;
  }

  /** The reader gets what waits, then the end. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#waiting?.({ value: undefined, done: true });
    this.#waiting = this.#fail = undefined;
  }

  /** The reader gets what waits, then the error. */
  fail(error: unknown): void {
    if (this.#ended) return;
    if (this.#fail) this.#fail(error);
    else this.#error = { error };
    this.#waiting = this.#fail = undefined;
    this.end();
  }

  /** Drops what waits. */
  clear(): void {
    this.#items = [];
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    if (this.#error) {
      const { error } = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#waiting = resolve;
      this.#fail = reject;
    });
  }

  /** The reader stopped. */
  return(): Promise<IteratorResult<Item, undefined>> {
    this.#stop();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #stop(): void {
    this.#items = [];
    this.#error = undefined;
    this.end();
  }
}
