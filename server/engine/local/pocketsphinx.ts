import { existsSync } from "node:fs";
import { join } from "node:path";
import koffi from "koffi";

/** Where pocketsphinx 0.8+5prealpha lives, as Debian packages it. */
export type PocketsphinxFiles = {
  decoderLibrary: string;
  baseLibrary: string;
  /** Holds `en-us/` (acoustic model), `en-us.lm.bin` and `cmudict-en-us.dict`. */
  modelDirectory: string;
};

export const debianPocketsphinx: PocketsphinxFiles = {
  decoderLibrary: "libpocketsphinx.so.3",
  baseLibrary: "libsphinxbase.so.3",
  modelDirectory: "/usr/share/pocketsphinx/model/en-us",
};

/** What is missing, as a sentence that says how to install it. Loads no model. */
export function pocketsphinxProblem(files: PocketsphinxFiles): string | undefined {
  for (const library of [files.decoderLibrary, files.baseLibrary]) {
    try {
      koffi.load(library);
    } catch {
      return (
        `Speech recognition needs the library ${library}, which could not be loaded. ` +
        "On Debian install it with: apt-get install libpocketsphinx3 pocketsphinx-en-us"
      );
    }
  }
  const missing = Object.values(modelFiles(files)).find((path) => !existsSync(path));
  return missing === undefined
    ? undefined
    : `Speech recognition needs the English model, but ${missing} does not exist. ` +
        "On Debian install it with: apt-get install pocketsphinx-en-us";
}

function modelFiles({ modelDirectory }: PocketsphinxFiles) {
  return {
    hmm: join(modelDirectory, "en-us"),
    lm: join(modelDirectory, "en-us.lm.bin"),
    dict: join(modelDirectory, "cmudict-en-us.dict"),
  };
}

/**
 * The second pass (`fwdflat`) runs over the whole utterance after its end, so a listener waits for
 * it: five times as long, for less than a point of accuracy. Following at most 5000 of the 30 000
 * possibilities takes a quarter less time, for none.
 */
const settings: Record<string, string> = { fwdflat: "no", maxhmmpf: "5000", logfn: "/dev/null" };

/**
 * One native decoder: 96 MB, and 0.3 s to make. Everything is synchronous and meant for a worker
 * thread. Audio is 16 kHz mono.
 */
export class PocketsphinxDecoder {
  readonly #native: ReturnType<typeof bind>;
  readonly #handle: unknown;

  constructor(files: PocketsphinxFiles) {
    this.#native = bind(files);
    const options = Object.entries({ ...modelFiles(files), ...settings });
    const argv = ["pocketsphinx", ...options.flatMap(([name, value]) => [`-${name}`, value])];
    const config: unknown = this.#native.parseArguments(
      null,
      this.#native.argumentDefinitions(),
      argv.length,
      [...argv, null],
      1,
    );
    if (!config) throw new Error("pocketsphinx refused its settings");
    this.#handle = this.#native.init(config);
    if (!this.#handle) throw new Error("pocketsphinx could not load its model");
    // Once for all utterances: the running estimate of the channel gets better with each.
    this.#native.startStream(this.#handle);
  }

  start(): void {
    if (this.#native.startUtterance(this.#handle) < 0) throw new Error("ps_start_utt failed");
  }

  process(samples: Int16Array): void {
    if (samples.length === 0) return;
    if (this.#native.processRaw(this.#handle, samples, samples.length, 0, 0) < 0) {
      throw new Error("ps_process_raw failed");
    }
  }

  end(): void {
    if (this.#native.endUtterance(this.#handle) < 0) throw new Error("ps_end_utt failed");
  }

  /** The best guess up to now, as the decoder writes it: with noise marks and alternates. */
  hypothesis(): string {
    const text: unknown = this.#native.hypothesis(this.#handle, [0]);
    return typeof text === "string" ? text : "";
  }
}

function bind(files: PocketsphinxFiles) {
  const decoder = koffi.load(files.decoderLibrary);
  const base = koffi.load(files.baseLibrary);
  return {
    argumentDefinitions: decoder.func("void* ps_args()"),
    // The variadic cmd_ln_init would need its arguments spelt out one by one.
    parseArguments: base.func(
      "void* cmd_ln_parse_r(void* inout, void* definitions, int32_t argc, const char** argv, int32_t strict)",
    ),
    init: decoder.func("void* ps_init(void* config)"),
    startStream: decoder.func("int ps_start_stream(void* decoder)"),
    startUtterance: decoder.func("int ps_start_utt(void* decoder)"),
    processRaw: decoder.func(
      "int ps_process_raw(void* decoder, const int16_t* samples, size_t count, int no_search, int full)",
    ),
    endUtterance: decoder.func("int ps_end_utt(void* decoder)"),
    hypothesis: decoder.func("const char* ps_get_hyp(void* decoder, _Out_ int32_t* score)"),
  };
}
