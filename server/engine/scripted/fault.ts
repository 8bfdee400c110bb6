import { EngineError } from "../../interpreter/engines.ts";

/**
 * What goes wrong with a call. `throw`: it fails at once. `hang`: no answer ever comes, until it is
 * aborted. `garble`: the answer is nonsense. `slow`: it comes that many ms late. `break`: a stream
 * fails after its first item, anything else at its end.
 */
export type Fault =
  | { type: "throw" | "break"; error?: EngineError }
  | { type: "hang" | "garble" }
  | { type: "slow"; milliseconds: number };

/** Which calls go wrong; `call` counts from 0 over the engine's life. */
export type Faults = (call: number) => Fault | undefined;

/** What a call does before it works: it fails, never goes on, or waits. */
export async function suffer(fault: Fault | undefined, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (fault?.type === "throw") throw errorOf(fault);
  if (fault?.type === "hang") await pause(undefined, signal);
  if (fault?.type === "slow") await pause(fault.milliseconds, signal);
}

export function errorOf(fault: Fault): EngineError {
  const scripted = "error" in fault ? fault.error : undefined;
  return scripted ?? new EngineError("failed", "It was scripted to fail.", { retryable: true });
}

/** Waits ms, or for ever. Rejects with the signal's reason when that comes first. */
export function pause(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (milliseconds === 0) return Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  });
}

/** Nonsense of the same length, but nothing random. */
export function garbled(text: string): string {
  return Array.from(text).toReversed().join("");
}
