import { AsyncQueue, type AsyncQueueOptions } from "./async-queue.ts";

/** Hands each item to everyone who subscribes at that moment. */
export class Broadcast<Item> {
  readonly #readers = new Set<AsyncQueue<Item>>();

  push(item: Item): void {
    for (const reader of this.#readers) {
      if (!reader.push(item)) this.#readers.delete(reader);
    }
  }

  /** Items from now on, until `signal` aborts or the broadcast ends. */
  subscribe(options: AsyncQueueOptions<Item>): AsyncQueue<Item> {
    const reader = new AsyncQueue<Item>(options);
    this.#readers.add(reader);
    return reader;
  }

  end(): void {
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }
}
