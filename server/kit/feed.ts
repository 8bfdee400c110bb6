import { AsyncQueue } from "./async-queue.ts";
import { AppError } from "./errors.ts";

/** Whoever a feed is sent to. */
export type Reader<Item> = {
  /** Sends it now and waits for nothing: a reader that leaves too much unread is cut off. */
  readonly send: (item: Item) => void;
  /** Resolves when the reader has room: asked for before each item of what there is much of. */
  readonly ready: () => Promise<void>;
};

/** Items that may wait for a reader that pulls; one that falls further behind is cut off. */
const WAITING_LIMIT = 1000;
const READY_BELOW = 100;

/**
 * What one reader gets: what they missed first, then each event as it happens. Written as a function
 * that sends, so that an event on its way to a thousand readers costs no promise for each of them.
 * Sockets `run` it. With `for await` it reads like any other iterable.
 */
export class Feed<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #signal: AbortSignal;
  readonly #run: (reader: Reader<Item>, signal: AbortSignal) => Promise<void>;
  #pulled: Pulled<Item> | undefined;

  /** `run` settles soon after its signal has aborted, and sends nothing from then on. */
  constructor(
    signal: AbortSignal,
    run: (reader: Reader<Item>, signal: AbortSignal) => Promise<void>,
  ) {
    this.#signal = signal;
    this.#run = run;
  }

  /** Sends to `reader` until the feed ends. Rejects with what it fails with. */
  run(reader: Reader<Item>): Promise<void> {
    return this.#run(reader, this.#signal);
  }

  map<Other>(change: (item: Item) => Other): Feed<Other> {
    return new Feed(this.#signal, ({ send, ready }, signal) =>
      this.#run({ send: (item) => send(change(item)), ready }, signal),
    );
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    this.#pulled ??= new Pulled(this.#signal, this.#run);
    return this.#pulled.next();
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    this.#pulled?.stop();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A feed that is read item by item. */
class Pulled<Item> {
  readonly #items = new AsyncQueue<Item>();
  readonly #stopping = new AbortController();
  #onRoom: (() => void)[] = [];

  constructor(
    signal: AbortSignal,
    run: (reader: Reader<Item>, signal: AbortSignal) => Promise<void>,
  ) {
    const reader = { send: (item: Item) => this.#send(item), ready: () => this.#ready() };
    run(reader, AbortSignal.any([signal, this.#stopping.signal])).then(
      () => this.#items.end(),
      (error: unknown) => this.#items.fail(error),
    );
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const next = this.#items.next();
    if (this.#items.size < READY_BELOW) this.#makeReady();
    return next;
  }

  stop(): void {
    this.#items.clear();
    this.#items.end();
    this.#stopping.abort();
    this.#makeReady();
  }

  #send(item: Item): void {
    if (this.#items.size < WAITING_LIMIT) {
      this.#items.push(item);
      return;
    }
    const message = "You fell too far behind and missed something. Please come back.";
    this.#items.fail(new AppError("FELL_BEHIND", message));
    this.#stopping.abort();
  }

  #ready(): Promise<void> {
    if (this.#items.size < READY_BELOW || this.#items.ended) return Promise.resolve();
    return new Promise((resolve) => this.#onRoom.push(resolve));
  }

  #makeReady(): void {
    const waiting = this.#onRoom;
    this.#onRoom = [];
    for (const resolve of waiting) resolve();
  }
}
