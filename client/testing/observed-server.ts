import { createApp } from "../../server/app.ts";
import { readConfig } from "../../server/config.ts";
import { createEngineRegistry } from "../../server/engine/engine-registry.ts";
import { createScriptedRecogniser } from "../../server/engine/scripted/scripted-recogniser.ts";
import { createScriptedSynthesiser } from "../../server/engine/scripted/scripted-synthesiser.ts";
import { createScriptedTranslator } from "../../server/engine/scripted/scripted-translator.ts";
import type { EngineRegistry } from "../../server/interpreter/engines.ts";
import { createLog, type Log } from "../../server/kit/log.ts";
import { openCalls } from "../../server/open-calls.ts";
import { openEngines } from "../../server/open-engines.ts";
import { observeSynthesiser } from "./observed-synthesiser.ts";
import { sentences } from "./speech.ts";

/**
 * A program: the server as main.ts runs it, in a process that tells its parent what the synthesiser
 * said (`spoken`), or that has scripted engines instead of real ones (`scripted`).
 */
const [mode] = process.argv.slice(2);
const config = readConfig(process.env);
const app = await createApp({
  config,
  log: createLog({ level: config.logLevel, pretty: false }),
  openEngines: mode === "scripted" ? openScriptedEngines : openObservedEngines,
  openCalls,
});
process.once("SIGTERM", () => void app.close().then(() => process.exit()));
await app.listen();

async function openObservedEngines(log: Log): Promise<EngineRegistry> {
  const engines = await openEngines(log);
  return {
    ...engines,
    synthesiserFor(language) {
      const synthesiser = engines.synthesiserFor(language);
      return synthesiser && observeSynthesiser(synthesiser, (clause) => process.send?.(clause));
    },
  };
}

/** Engines that need next to no time: what is left is the rest of the server. */
function openScriptedEngines(): Promise<EngineRegistry> {
  return Promise.resolve(
    createEngineRegistry({
      recognisers: [
        createScriptedRecogniser({ languages: ["en"], script: sentences, repeat: true }),
      ],
      translators: [createScriptedTranslator({ pairs: [["en", "es"]] })],
      synthesisers: [createScriptedSynthesiser({ languages: ["es"] })],
    }),
  );
}
