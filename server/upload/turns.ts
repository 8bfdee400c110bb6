import { AppError } from "../kit/errors.ts";

/** Runs one piece of work when it is its turn. */
export type Turns = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Lets `concurrency` pieces of work run at a time. When `waiting` others wait already, TOO_MANY_REQUESTS
 * is thrown.
 */
export function createTurns(options: { concurrency: number; waiting: number }): Turns {
  const { concurrency, waiting } = options;
  const queue: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running < concurrency) running += 1;
    else {
      if (queue.length >= waiting) {
        const message = "Too many files come in at this moment. Try again in 5 seconds.";
        throw new AppError("TOO_MANY_REQUESTS", message, { retryAfterSeconds: 5 });
      }
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      // Whoever is next takes over this turn.
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
