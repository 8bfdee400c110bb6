import type { Recogniser, Synthesiser, Translator } from "../../interpreter/engines.ts";
import type { Log } from "../../kit/log.ts";
import { createLocalRecogniser, type LocalRecogniserOptions } from "./local-recogniser.ts";
import { createLocalSynthesiser, type LocalSynthesiserOptions } from "./local-synthesiser.ts";
import { createLocalTranslator, type LocalTranslatorOptions } from "./local-translator.ts";

export type LocalEnginesOptions = {
  log: Log;
  recogniser?: Omit<LocalRecogniserOptions, "log">;
  translator?: LocalTranslatorOptions;
  synthesiser?: Omit<LocalSynthesiserOptions, "log">;
};

export type LocalEngines = {
  recogniser: Recogniser;
  translator: Translator;
  synthesiser: Synthesiser;
};

/**
 * The engines that need no key and no other machine. What is not installed gives an engine that is
 * unavailable and says why.
 */
export async function createLocalEngines(options: LocalEnginesOptions): Promise<LocalEngines> {
  const { log } = options;
  return {
    recogniser: createLocalRecogniser({ ...options.recogniser, log }),
    translator: createLocalTranslator(options.translator),
    synthesiser: await createLocalSynthesiser({ ...options.synthesiser, log }),
  };
}
