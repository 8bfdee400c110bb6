import type { Availability } from "../../../shared/engine.ts";
import type { LanguageTag } from "../../../shared/language.ts";
import { EngineError, type Synthesiser } from "../../interpreter/engines.ts";
import { type Log, silentLog } from "../../kit/log.ts";
import type { EspeakFiles } from "./espeak.ts";
import { EspeakThread } from "./espeak-thread.ts";
import { EspeakVoices } from "./espeak-voices.ts";
import { speechPieces } from "./speech-pieces.ts";

export type LocalSynthesiserOptions = { files?: Partial<EspeakFiles>; log?: Log };

/** Words a minute at rate 1. */
const naturalPace = 165;

/** Speech by espeak-ng, in a thread of this process that is started and warmed here. */
export async function createLocalSynthesiser(
  options: LocalSynthesiserOptions = {},
): Promise<Synthesiser> {
  const log = options.log ?? silentLog;
  const files = { library: "libespeak-ng.so.1", ...options.files };
  let thread: EspeakThread | undefined;
  let restarting: Promise<EspeakThread> | undefined;
  let availability: Availability = { available: true };
  let closed = false;
  try {
    thread = await EspeakThread.start(files);
  } catch (error) {
    log.warn({ err: error }, "espeak-ng could not be started");
    availability = {
      available: false,
      reason:
        `Speaking needs the library ${files.library} and its data, which could not be loaded. ` +
        "On Debian install them with: apt-get install libespeak-ng1 espeak-ng-data",
    };
  }
  const voices = new EspeakVoices(thread?.voices ?? []);

  function assertReady(): void {
    if (!availability.available) throw new EngineError("unavailable", availability.reason);
    if (closed) throw new EngineError("unavailable", "The synthesiser is closed.");
  }

  function voiceFor(language: LanguageTag): string {
    assertReady();
    const file = voices.find(language);
    if (file !== undefined) return file;
    throw new EngineError("language", `The local synthesiser does not speak ${language}.`);
  }

  /** A thread that has died is replaced by whoever needs it next. */
  async function liveThread(): Promise<EspeakThread> {
    if (thread && !thread.gone) return thread;
    restarting ??= EspeakThread.start(files).finally(() => (restarting = undefined));
    try {
      thread = await restarting;
    } catch (cause) {
      throw new EngineError("failed", "The synthesiser could not be started again.", { cause });
    }
    if (closed) await thread.close();
    return thread;
  }

  async function* synthesise(
    text: string,
    language: LanguageTag,
    rate: number,
    signal: AbortSignal,
  ): AsyncGenerator<Int16Array, void> {
    const voice = voiceFor(language);
    if (!(rate > 0 && Number.isFinite(rate))) {
      throw new EngineError("input", "The rate of speech must be above 0.");
    }
    signal.throwIfAborted();
    const cancelled = new SharedArrayBuffer(4);
    const cancel = () => void Atomics.store(new Int32Array(cancelled), 0, 1);
    signal.addEventListener("abort", cancel, { once: true });
    const wordsPerMinute = Math.max(80, Math.min(450, naturalPace * rate));
    try {
      const all = speechPieces(text, language);
      // One piece at a time, so that others who speak come between.
      for (const [index, piece] of all.entries()) {
        const pause = index < all.length - 1;
        const speaking = await liveThread();
        const audio = speaking.speak({ text: piece, voice, wordsPerMinute, pause }, cancelled);
        const abort = () => audio.fail(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        try {
          signal.throwIfAborted();
          yield* audio;
        } finally {
          signal.removeEventListener("abort", abort);
        }
      }
    } finally {
      signal.removeEventListener("abort", cancel);
      cancel();
    }
  }

  return {
    provider: "local",
    availability,
    languages: voices.languages,
    async warm(language) {
      const chunks = synthesise("a", language, 1, new AbortController().signal);
      for await (const _ of chunks);
    },
    synthesise: (request) =>
      synthesise(request.text, request.language, request.rate, request.signal),
    async close() {
      closed = true;
      await thread?.close();
    },
  };
}
