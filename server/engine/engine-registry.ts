import type { EngineStatus } from "../../shared/engine.ts";
import {
  type EngineRegistry,
  type LanguageIdentifier,
  type Recogniser,
  serves,
  type Synthesiser,
  type Translator,
} from "../interpreter/engines.ts";

export type Engines = {
  recognisers: readonly Recogniser[];
  translators: readonly Translator[];
  synthesisers: readonly Synthesiser[];
  identifier?: LanguageIdentifier;
};

/** The engines of this process, of each kind the preferred first. It owns them: `close` ends them. */
export function createEngineRegistry(engines: Engines): EngineRegistry {
  const { recognisers, translators, synthesisers, identifier } = engines;
  let closing: Promise<void> | undefined;

  return {
    status: () => [
      ...recognisers.map((engine) => statusOf("recogniser", engine, engine.languages)),
      ...translators.map((engine) => ({
        ...statusOf("translator", engine, sources(engine)),
        pairs: engine.pairs.map(([from, to]): [string, string] => [from, to]),
      })),
      ...synthesisers.map((engine) => statusOf("synthesiser", engine, engine.languages)),
    ],
    recogniserFor: (language) =>
      recognisers.find(
        (engine) => engine.availability.available && serves(engine.languages, language),
      ),
    translatorFor: (from, to) =>
      translators.find((engine) => engine.availability.available && engine.supports(from, to)),
    synthesiserFor: (language) =>
      synthesisers.find(
        (engine) => engine.availability.available && serves(engine.languages, language),
      ),
    ...(identifier && {
      identifyLanguage: (text, among) => identifier.identifyLanguage(text, among),
    }),
    close: () => {
      const all = [...recognisers, ...translators, ...synthesisers];
      return (closing ??= closeAll(identifier ? [...all, identifier] : all));
    },
  };
}

function statusOf(
  kind: EngineStatus["kind"],
  engine: Recogniser | Translator | Synthesiser,
  languages: readonly string[],
): EngineStatus {
  return { ...engine.availability, kind, provider: engine.provider, languages: [...languages] };
}

function sources(translator: Translator): string[] {
  return [...new Set(translator.pairs.map(([from]) => from))].sort();
}

/** All are closed, whatever one of them says; the first failure is reported at the end. */
async function closeAll(engines: readonly { close(): Promise<void> }[]): Promise<void> {
  const results = await Promise.allSettled(engines.map((engine) => engine.close()));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
