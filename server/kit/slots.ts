/** Lets so much run at once; the rest waits in the order in which it came. */
export class Slots {
  readonly #atOnce: number;
  readonly #limit: number;
  readonly #tooMany: () => Error;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** `tooMany` gives what is thrown when `waiting` pieces of work wait already. */
  constructor(options: { atOnce: number; waiting: number; tooMany: () => Error }) {
    this.#atOnce = options.atOnce;
    this.#limit = options.waiting;
    this.#tooMany = options.tooMany;
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#limit) throw this.#tooMany();
      // Whoever ends gives its place away: it is never free in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
