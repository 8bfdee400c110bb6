import { SPEAKING_RATE } from "../kit/pcm.ts";
import { EngineError, type SynthesisRequest, type Synthesiser } from "./engines.ts";

/** Below this (-50 dB of full scale) nothing is heard yet. */
const SOFT = 100;
/** What is kept before the first sound, so that it doesn't begin with a click: 5 ms. */
const LEAD = SPEAKING_RATE / 200;

/** Synthesisers begin with up to 100 ms of silence, for which nobody should have to wait. */
function fromOnset(samples: Int16Array): Int16Array {
  const onset = samples.findIndex((sample) => Math.abs(sample) > SOFT);
  return onset < 0 ? samples.subarray(0, 0) : samples.subarray(Math.max(0, onset - LEAD));
}

/**
 * The synthesiser's chunks, from the first sound on. A synthesiser that gives nothing for `timeoutMs`, or nothing at all, fails;
 * `signal` ends it at once, and so does a reader that stops.
 */
export async function* synthesise(
  synthesiser: Synthesiser,
  request: Omit<SynthesisRequest, "signal">,
  timeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<Int16Array, void, undefined> {
  signal.throwIfAborted();
  const stop = new AbortController();
  let fail: ((reason: unknown) => void) | undefined;
  const onAbort = () => fail?.(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let given = false;
  let begun = false;
  let chunks: AsyncIterator<Int16Array> | undefined;
  try {
    const sound = synthesiser.synthesise({
      ...request,
      signal: AbortSignal.any([signal, stop.signal]),
    });
    chunks = sound[Symbol.asyncIterator]();
    for (;;) {
      const next = await nextWithin(chunks);
      if (next.done) break;
      if (next.value.length === 0) continue;
      given = true;
      const samples = begun ? next.value : fromOnset(next.value);
      if (samples.length === 0) continue;
      begun = true;
      yield samples;
    }
    if (!given) throw new EngineError("failed", "the synthesiser gave no sound");
  } finally {
    signal.removeEventListener("abort", onAbort);
    stop.abort();
    void Promise.resolve(chunks?.return?.()).catch(() => undefined);
  }

  function nextWithin(chunks: AsyncIterator<Int16Array>): Promise<IteratorResult<Int16Array>> {
    let timer: NodeJS.Timeout | undefined;
    return new Promise<IteratorResult<Int16Array>>((resolve, reject) => {
      const late = () => reject(new EngineError("timeout", `no sound for ${timeoutMs} ms`));
      timer = setTimeout(late, timeoutMs);
      fail = reject;
      chunks.next().then(resolve, reject);
    }).finally(() => clearTimeout(timer));
  }
}
