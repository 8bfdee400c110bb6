import type { Log } from "./log.ts";

export type Closing = {
  add: (name: string, close: () => void | Promise<void>) => void;
  /** Closes what was added last first. Closing twice is harmless. */
  close: () => Promise<void>;
};

/** Remembers what was opened. What fails to close, or takes all too long, does not stop the rest. */
export function createClosing({ log, limitMs }: { log: Log; limitMs: number }): Closing {
  const parts: { name: string; close: () => void | Promise<void> }[] = [];
  let closed: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const limit = setTimeout(resolve, limitMs);
    for (const { name, close } of parts.toReversed()) {
      const closing = (async () => close())().catch((error: unknown) =>
        log.error({ err: error, part: name }, "a part of the server did not close"),
      );
      await Promise.race([closing, late]);
    }
    clearTimeout(limit);
  }

  return {
    add: (name, close) => void parts.push({ name, close }),
    close: () => (closed ??= closeAll()),
  };
}
