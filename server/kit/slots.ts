type Options = {
  atOnce: number;
  /** Pieces of work of one group that may wait. */
  waiting: number;
  /** Gives what is thrown when so many of a group wait already. */
  tooMany: () => Error;
};

/**
 * Lets so much run at once; the rest waits. Groups take turns, so that one which brings much keeps
 * none of the others waiting for long; within a group it goes by who came first.
 */
export class Slots {
  readonly #options: Options;
  /** By group, the next one first. None is empty. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #running = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  async run<Result>(work: () => Promise<Result>, group = ""): Promise<Result> {
    if (this.#running < this.#options.atOnce) this.#running += 1;
    // Whoever ends gives its place away: it is never free in between.
    else await this.#wait(group);
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #wait(group: string): Promise<void> {
    const line = this.#waiting.get(group) ?? [];
    if (line.length >= this.#options.waiting) throw this.#options.tooMany();
    this.#waiting.set(group, line);
    return new Promise<void>((resolve) => line.push(resolve));
  }

  #next(): (() => void) | undefined {
    for (const [group, line] of this.#waiting) {
      const next = line.shift();
      this.#waiting.delete(group);
      if (line.length > 0) this.#waiting.set(group, line);
      return next;
    }
    return undefined;
  }
}
