/**
 * How long to wait before attempt `attempt` (from 0): doubling from a quarter of a second to five
 * seconds, each up to a half shorter by chance, so that clients which a server lost all at once
 * don't come back all at once.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(5000, 250 * 2 ** Math.min(attempt, 10));
  return full * (0.5 + random() / 2);
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
