import { createEngineRegistry } from "./engine/engine-registry.ts";
import { LanguageIdentifier } from "./engine/local/language-identifier.ts";
import { createLocalEngines } from "./engine/local/local-engines.ts";
import type { EngineRegistry } from "./interpreter/engines.ts";
import type { Log } from "./kit/log.ts";

/** The engines of a server that was told of no provider: those of this machine. */
export async function openEngines(log: Log): Promise<EngineRegistry> {
  const { recogniser, translator, synthesiser } = await createLocalEngines({ log });
  return createEngineRegistry({
    recognisers: [recogniser],
    translators: [translator],
    synthesisers: [synthesiser],
    // It loads with the first text that somebody asks about.
    identifier: new LanguageIdentifier(),
  });
}
