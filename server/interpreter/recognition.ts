import { setTimeout as sleep } from "node:timers/promises";
import { CAPTION_LIMIT } from "../../shared/caption.ts";
import type { AsyncQueue } from "../kit/async-queue.ts";
import { EngineError, type RecogniserSession } from "./engines.ts";
import type { RecognitionPolicy } from "./policy.ts";

/** An utterance while it is spoken and recognised. The microphone's side writes it. */
export type Utterance = {
  readonly id: string;
  readonly startedAt: number;
  /** End of the voiced audio so far. */
  endedAt: number;
  readonly audio: AsyncQueue<Int16Array>;
  /** Resolves when the speaker has ended and no more audio comes. */
  readonly spoken: Promise<void>;
  /** The audio ended before the speaker did. */
  cut: boolean;
  /** Aborts the recognition: there is nothing in the audio, or no time left for it. */
  readonly discard: AbortController;
};

/** `text` of a failed recognition is the last partial's. */
export type Outcome = { text: string; error?: unknown };

/**
 * Recognises one utterance and always comes to an end: a recogniser that fails, stalls, or gives no
 * final in time costs the utterance, and nothing else.
 */
export async function recognise(
  session: RecogniserSession,
  utterance: Utterance,
  options: { policy: RecognitionPolicy; onPartial: (text: string) => void; signal: AbortSignal },
): Promise<Outcome> {
  const { policy, onPartial } = options;
  const giveUp = new AbortController();
  const signal = AbortSignal.any([options.signal, utterance.discard.signal, giveUp.signal]);
  const watchdog = createWatchdog(utterance.spoken, policy, signal);
  let text = "";
  let failed = true;
  let results: AsyncIterator<{ type: "partial" | "final"; text: string }> | undefined;
  try {
    signal.throwIfAborted();
    results = session.recognise(utterance.audio, { signal })[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([results.next(), watchdog.expired]);
      if (next.done) throw new EngineError("failed", "the recogniser gave no final");
      text = possible(next.value.text).trim();
      if (next.value.type === "final") {
        failed = false;
        return { text };
      }
      watchdog.feed();
      onPartial(text);
    }
  } catch (error) {
    return { text, error };
  } finally {
    watchdog.stop();
    utterance.audio.clear();
    utterance.audio.end();
    if (failed) giveUp.abort();
    if (!(await settle(results, policy.abortGraceMs))) giveUp.abort();
  }
}

/** Ten times what anybody says in one utterance is no recognition, and costs everyone dearly. */
function possible(text: string): string {
  if (text.length <= CAPTION_LIMIT) return text;
  throw new EngineError("failed", "the recogniser gave more than anybody can say");
}

/** Utterances of a session may not overlap, so the next waits for this one to let go, but not for ever. */
async function settle(results: AsyncIterator<unknown> | undefined, ms: number): Promise<boolean> {
  const waited = new AbortController();
  const returned = Promise.resolve(results?.return?.()).then(
    () => true,
    () => true,
  );
  const timeout = sleep(ms, false, { signal: waited.signal }).catch(() => false);
  const settled = await Promise.race([returned, timeout]);
  waited.abort();
  return settled;
}

/** Rejects `expired` when the recogniser is silent for too long. */
function createWatchdog(spoken: Promise<void>, policy: RecognitionPolicy, signal: AbortSignal) {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  expired.catch(() => undefined);
  const give = (ms: number, sentence: string) =>
    setTimeout(() => reject(new EngineError("timeout", sentence)), ms);
  const stall = () => give(policy.stallTimeoutMs, "the recogniser stalled");
  let timer: NodeJS.Timeout | undefined = stall();
  let ended = false;
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  void spoken.then(() => {
    if (!timer) return;
    ended = true;
    clearTimeout(timer);
    timer = give(policy.finalTimeoutMs, "the recogniser gave no final in time");
  });
  return {
    expired,
    feed() {
      if (ended) return;
      clearTimeout(timer);
      timer = stall();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      signal.removeEventListener("abort", onAbort);
    },
  };
}
