import type { LanguageTag } from "../../shared/language.ts";
import { EngineError, type Recogniser, type RecogniserSession } from "./engines.ts";
import { recognitionPolicy } from "./policy.ts";

/**
 * Opens a recogniser for one speaker. Rejects when it doesn't get ready in time, and when `signal`
 * aborts, whether or not the recogniser takes notice: nobody waits for ever without a word of why.
 */
export async function openSession(
  recogniser: Pick<Recogniser, "open">,
  options: { language: LanguageTag; signal: AbortSignal; timeoutMs?: number },
): Promise<RecogniserSession> {
  const { language, timeoutMs = recognitionPolicy.openTimeoutMs } = options;
  const late = new AbortController();
  const signal = AbortSignal.any([options.signal, late.signal]);
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(
    () => late.abort(new EngineError("timeout", `the recogniser wasn't ready in ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([recogniser.open({ language, signal }), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
