import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { LanguageTag } from "../../shared/language.ts";
import { SPEAKING_RATE } from "../kit/pcm.ts";
import { AsyncQueue } from "../kit/async-queue.ts";
import { EngineError, type Synthesiser } from "./engines.ts";
import { type SpeakPolicy, speakPolicy } from "./policy.ts";
import type { Clause, Spoken, TranslatedClause } from "./speech.ts";
import { createSpeechLength, rateFor, type Timing, whatToDo } from "./keeping-up.ts";
import { synthesise } from "./synthesis.ts";
import { untilAborted } from "./until-aborted.ts";

export type SpeakOptions = {
  language: LanguageTag;
  synthesiser: Synthesiser;
  /** Audio that was handed to the outlet and isn't sent yet, in ms. */
  backlogMs: () => number;
  policy?: Partial<SpeakPolicy>;
  signal: AbortSignal;
};

/**
 * Speaks one speaker's translated clauses in their order, one at a time. The next clause is begun
 * while the end of the one before still waits in the outlet, so that there is no gap between them. The
 * further the voice is behind, the faster it is; what is too old is left out and reported as `skipped`.
 * Clauses without text are passed over. What the synthesiser fails at is reported and passed over.
 */
export async function* speak(
  clauses: AsyncIterable<TranslatedClause>,
  options: SpeakOptions,
): AsyncGenerator<Spoken, void, undefined> {
  const { language, synthesiser, backlogMs } = options;
  const policy: SpeakPolicy = { ...speakPolicy, ...options.policy };
  const stopped = new AbortController();
  const signal = AbortSignal.any([options.signal, stopped.signal]);
  const length = createSpeechLength(language);
  const waiting: TranslatedClause[] = [];
  const overflowed: Clause[] = [];
  const arrivals = new AsyncQueue<true>({ limit: 1, signal });

  async function collect(): Promise<void> {
    for await (const translated of untilAborted(clauses, signal)) {
      if (translated.text.trim() === "") continue;
      waiting.push(translated);
      if (waiting.length > policy.waitingClauses) {
        const oldest = waiting.shift();
        if (oldest) overflowed.push(oldest.clause);
      }
      arrivals.push(true);
    }
  }

  const timing = (clause: Clause): Timing => ({
    behindMs: performance.now() + backlogMs() - clause.endedAt,
    newest: waiting.length === 0,
  });

  /** Waits until the outlet is nearly empty. */
  async function untilDue(): Promise<void> {
    for (;;) {
      const ahead = backlogMs() - policy.aheadMs;
      if (ahead <= 0 || signal.aborted) return;
      await sleep(Math.ceil(ahead), undefined, { signal }).catch(() => undefined);
    }
  }

  async function* say({ clause, text }: TranslatedClause): AsyncGenerator<Spoken> {
    if (whatToDo(timing(clause), policy) === "skip") {
      yield { type: "skipped", clause };
      return;
    }
    const waitingMs = waiting.reduce((sum, later) => sum + length.estimate(later.text), 0);
    const rate = rateFor(waitingMs + backlogMs(), policy);
    let samples = 0;
    try {
      const request = { text, language, rate };
      for await (const chunk of synthesise(synthesiser, request, policy.chunkTimeoutMs, signal)) {
        const saidMs = (samples / SPEAKING_RATE) * 1000;
        // The synthesiser may have taken its time, to begin or in between.
        const stale = timing(clause).behindMs - saidMs > policy.staleAfterMs;
        if (samples === 0) {
          if (stale) {
            yield { type: "skipped", clause };
            return;
          }
          yield { type: "begin", clause, rate };
        }
        if (stale) throw new EngineError("timeout", "the synthesiser is slower than speech");
        if (saidMs > length.longest(text, policy)) {
          throw new EngineError("failed", "the synthesiser comes to no end");
        }
        samples += chunk.length;
        yield { type: "audio", samples: chunk };
      }
    } catch (error) {
      if (!signal.aborted) yield { type: "failed", clause, error };
      return;
    }
    length.learn(text, (samples / SPEAKING_RATE) * 1000 * rate);
    yield { type: "end", clause };
  }

  void collect().then(
    () => arrivals.end(),
    (error: unknown) => arrivals.fail(error),
  );
  try {
    for (;;) {
      for (const clause of overflowed.splice(0)) yield { type: "skipped", clause };
      if (signal.aborted) return;
      if (waiting.length === 0) {
        if ((await arrivals.next()).done && waiting.length === 0) return;
        // What came together counts together: a turn of the event loop collects it.
        await setImmediate();
        continue;
      }
      await untilDue();
      const translated = waiting.shift();
      if (translated && !signal.aborted) yield* say(translated);
    }
  } finally {
    stopped.abort();
  }
}
