import { spawnSync } from "node:child_process";
import type { LanguageTag } from "../../../shared/language.ts";
import type { Availability } from "../../../shared/engine.ts";
import { EngineError, type Translator } from "../../interpreter/engines.ts";
import { ApertiumPipeline } from "./apertium-pipeline.ts";
import { discoverModes, type Mode, TranslationRoutes } from "./apertium-modes.ts";
import { pieces } from "./apertium-text.ts";

export type LocalTranslatorOptions = {
  modesDirectory?: string;
  modeTool?: string;
  /** ms that one sentence may take. */
  timeout?: number;
  /** ms that the first one may take after a start. */
  startTimeout?: number;
  /** Sentences that may wait, a direction. */
  limit?: number;
};

/** Longest text, in UTF-16 units: minutes of speech. */
const longestText = 100_000;

/**
 * Translation by apertium, one chain of processes a direction, started when first needed. Languages
 * without a direct mode go through one other.
 */
export function createLocalTranslator(options: LocalTranslatorOptions = {}): Translator {
  const modesDirectory = options.modesDirectory ?? "/usr/share/apertium/modes";
  const modeTool = options.modeTool ?? "apertium-wblank-mode";
  const { modes, availability } = probe(modesDirectory, modeTool);
  const routes = new TranslationRoutes(modes, 2);
  const pipelines = new Map<string, ApertiumPipeline>();
  let closed = false;

  function pipeline({ path }: Mode): ApertiumPipeline {
    const running = pipelines.get(path);
    if (running) return running;
    const { timeout = 5000, startTimeout = 60_000, limit = 256 } = options;
    const started = new ApertiumPipeline({ path, modeTool, timeout, startTimeout, limit });
    pipelines.set(path, started);
    return started;
  }

  function route(from: LanguageTag, to: LanguageTag): readonly Mode[] {
    if (!availability.available) throw new EngineError("unavailable", availability.reason);
    if (closed) throw new EngineError("unavailable", "The translator is closed.");
    const found = routes.find(from, to);
    if (found) return found;
    throw new EngineError(
      "language",
      `The local translator does not translate from ${from} to ${to}.`,
    );
  }

  return {
    provider: "local",
    availability,
    pairs: routes.pairs,
    supports: (from, to) => routes.find(from, to) !== undefined,
    async warm(from, to) {
      await Promise.all(route(from, to).map((mode) => pipeline(mode).translate("")));
    },
    async translate({ text, from, to, signal }) {
      const modes = route(from, to);
      if (text.length > longestText) {
        throw new EngineError("input", `A text may have at most ${longestText} characters.`);
      }
      signal.throwIfAborted();
      let result = text;
      for (const mode of modes) {
        const translated: string[] = [];
        for (const piece of pieces(result)) {
          translated.push(await unlessAborted(translatePiece(piece, pipeline(mode)), signal));
        }
        result = translated.join("");
      }
      return result.trim();
    },
    async close() {
      closed = true;
      await Promise.all([...pipelines.values()].map((started) => started.close()));
    },
  };
}

/** Apertium gets the words, and the space around them is kept. */
async function translatePiece(piece: string, pipeline: ApertiumPipeline): Promise<string> {
  const words = piece.trim();
  if (words === "") return piece;
  const before = piece.slice(0, piece.indexOf(words));
  const after = piece.slice(before.length + words.length);
  return before + (await pipeline.translate(words)) + after;
}

/** The answer of an aborted request is dropped when it comes, so that the order stays. */
function unlessAborted(work: Promise<string>, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  work.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener("abort", abort));
}

function probe(directory: string, modeTool: string): { modes: Mode[]; availability: Availability } {
  const advice =
    "On Debian install apertium and the pairs you need with: apt-get install apertium apertium-eng-spa apertium-eng-cat apertium-fra-cat";
  const missing = (what: string) => ({
    modes: [],
    availability: { available: false as const, reason: `Translation needs ${what}. ${advice}` },
  });
  let modes: Mode[];
  try {
    modes = discoverModes(directory);
  } catch {
    return missing(`apertium's languages, but the directory ${directory} can't be read`);
  }
  if (modes.length === 0) {
    return missing(`apertium's languages, but the directory ${directory} has none`);
  }
  // Without arguments it only prints how it is used.
  if (spawnSync(modeTool, [], { stdio: "ignore", timeout: 5000 }).error) {
    return missing(`the program ${modeTool}, which could not be run`);
  }
  return { modes, availability: { available: true } };
}
