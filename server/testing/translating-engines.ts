import type { LanguageTag } from "../../shared/language.ts";
import { createEngineRegistry } from "../engine/engine-registry.ts";
import { createScriptedTranslator } from "../engine/scripted/scripted-translator.ts";
import type { EngineRegistry } from "../interpreter/engines.ts";

/** For a server that translates `hello` into `[es] hello`, and nothing else. */
export function openTranslatingEngines(
  pairs: readonly (readonly [LanguageTag, LanguageTag])[],
): () => Promise<EngineRegistry> {
  const translators = [createScriptedTranslator({ pairs })];
  return () =>
    Promise.resolve(createEngineRegistry({ recognisers: [], translators, synthesisers: [] }));
}
