import type { Availability } from "../../../shared/engine.ts";
import type { LanguageTag } from "../../../shared/language.ts";
import {
  EngineError,
  serves,
  type SynthesisRequest,
  type Synthesiser,
} from "../../interpreter/engines.ts";
import { SPEAKING_RATE } from "../../kit/pcm.ts";
import { errorOf, type Faults, pause, suffer } from "./fault.ts";

export type ScriptedSynthesiserOptions = {
  provider?: string;
  availability?: Availability;
  languages: readonly LanguageTag[];
  /** ms before the first chunk and before each further one, none by default. */
  firstDelay?: number;
  chunkDelay?: number;
  faults?: Faults;
};

/** ms of sound at rate 1. */
export const scriptedTimes = { letter: 60, gap: 60, chunk: 60 } as const;

const amplitude = 8000;

/**
 * A synthesiser that gives each word a burst of sound, 60 ms a letter, and 60 ms of silence after it.
 * The pitch of a burst depends on its word, so that texts can be told apart by ear and by program.
 */
export function createScriptedSynthesiser(options: ScriptedSynthesiserOptions): Synthesiser {
  const closing = new AbortController();
  const availability = options.availability ?? { available: true };
  let calls = 0;

  function assertReady(language: LanguageTag): void {
    if (!availability.available) throw new EngineError("unavailable", availability.reason);
    closing.signal.throwIfAborted();
    if (!serves(options.languages, language)) {
      throw new EngineError("language", `No script for ${language}.`);
    }
  }

  async function* synthesise(request: SynthesisRequest): AsyncGenerator<Int16Array, void> {
    assertReady(request.language);
    if (!(request.rate > 0 && Number.isFinite(request.rate))) {
      throw new EngineError("input", "The rate of speech must be above 0.");
    }
    const signal = AbortSignal.any([request.signal, closing.signal]);
    const fault = options.faults?.(calls);
    calls += 1;
    await suffer(fault, signal);
    let delay = options.firstDelay ?? 0;
    for (const chunk of chunks(request.text, request.rate)) {
      await pause(delay, signal);
      yield fault?.type === "garble" ? noise(chunk.length) : chunk;
      signal.throwIfAborted();
      if (fault?.type === "break") throw errorOf(fault);
      delay = options.chunkDelay ?? 0;
    }
  }

  return {
    provider: options.provider ?? "scripted",
    availability,
    languages: options.languages,
    async warm(language) {
      assertReady(language);
    },
    synthesise,
    close() {
      closing.abort(new EngineError("unavailable", "The synthesiser is closed."));
      return Promise.resolve();
    },
  };
}

function* chunks(text: string, rate: number): Generator<Int16Array> {
  const size = (scriptedTimes.chunk * SPEAKING_RATE) / 1000;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const burst = tone(pitch(word), (Array.from(word).length * scriptedTimes.letter) / rate);
    for (let at = 0; at < burst.length; at += size) yield burst.slice(at, at + size);
    yield new Int16Array(Math.round((scriptedTimes.gap * SPEAKING_RATE) / 1000 / rate));
  }
}

/** Between 300 and 1000 Hz, by the word alone. */
function pitch(word: string): number {
  let hash = 0;
  for (const character of word) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 701;
  return 300 + hash;
}

function tone(hertz: number, milliseconds: number): Int16Array {
  const length = Math.round((milliseconds * SPEAKING_RATE) / 1000);
  // 5 ms to swell and to fade, so that a burst does not click.
  const edge = SPEAKING_RATE / 200;
  return Int16Array.from({ length }, (_, index) => {
    const swell = Math.min(1, index / edge, (length - index) / edge);
    return amplitude * swell * Math.sin((2 * Math.PI * hertz * index) / SPEAKING_RATE);
  });
}

/** The same at every call. */
function noise(length: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 30 - 1) * amplitude;
  });
}
