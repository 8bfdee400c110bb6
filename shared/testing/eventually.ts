import { vi } from "vitest";

/**
 * Waits until `check` throws no more, and gives what it gives. As patient as `expect.poll` is here: a
 * crowded machine takes its time, and what never comes fails all the same.
 */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 20_000 });
}
