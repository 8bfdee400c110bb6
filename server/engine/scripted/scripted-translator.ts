import type { Availability } from "../../../shared/engine.ts";
import type { LanguageTag } from "../../../shared/language.ts";
import { EngineError, serves, type Translator } from "../../interpreter/engines.ts";
import { errorOf, garbled, type Faults, pause, suffer } from "./fault.ts";

export type ScriptedTranslatorOptions = {
  provider?: string;
  availability?: Availability;
  pairs: readonly (readonly [LanguageTag, LanguageTag])[];
  /**
   * Translations by target language, then by text: what is missing, throws. Without it a text is
   * itself behind its language: `[es] good morning`.
   */
  dictionary?: Readonly<Record<LanguageTag, Readonly<Record<string, string>>>>;
  /** ms, none by default. */
  delay?: number;
  faults?: Faults;
};

/** A translator that says what its script says. */
export function createScriptedTranslator(options: ScriptedTranslatorOptions): Translator {
  const closing = new AbortController();
  const availability = options.availability ?? { available: true };
  let calls = 0;

  const supports = (from: LanguageTag, to: LanguageTag) =>
    options.pairs.some(([source, target]) => serves([source], from) && serves([target], to));

  function assertReady(from: LanguageTag, to: LanguageTag): void {
    if (!availability.available) throw new EngineError("unavailable", availability.reason);
    closing.signal.throwIfAborted();
    if (!supports(from, to)) throw new EngineError("language", `No script from ${from} to ${to}.`);
  }

  function lookUp(text: string, to: LanguageTag): string {
    if (!options.dictionary) return `[${to}] ${text}`;
    const found = options.dictionary[to]?.[text];
    if (found === undefined) throw new EngineError("failed", "Nothing is scripted for this text.");
    return found;
  }

  return {
    provider: options.provider ?? "scripted",
    availability,
    pairs: options.pairs,
    supports,
    async warm(from, to) {
      assertReady(from, to);
    },
    async translate(request) {
      assertReady(request.from, request.to);
      const signal = AbortSignal.any([request.signal, closing.signal]);
      const fault = options.faults?.(calls);
      calls += 1;
      await suffer(fault, signal);
      await pause(options.delay ?? 0, signal);
      if (fault?.type === "break") throw errorOf(fault);
      if (request.text.trim() === "") return "";
      if (fault?.type === "garble") return garbled(request.text);
      return lookUp(request.text, request.to);
    },
    close() {
      closing.abort(new EngineError("unavailable", "The translator is closed."));
      return Promise.resolve();
    },
  };
}
