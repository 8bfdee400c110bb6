import koffi from "koffi";

/** The library finds its data by itself. */
export type EspeakFiles = { library: string };

/** `languages` as espeak writes them, with a priority: lower is the better choice. */
export type EspeakVoice = { file: string; languages: { code: string; priority: number }[] };

export type EspeakUtterance = {
  text: string;
  /** A voice's file, and a variant after `+`. */
  voice: string;
  wordsPerMinute: number;
  /** Whether the silence after a sentence belongs to it. */
  pause: boolean;
};

const synchronous = 2;
const chunkLength = 60;
const dontExit = 0x8000;
const utf8 = 1;
const endPause = 0x1000;
const parameter = { rate: 1, volume: 2 };
/** Of 100. Louder clips: espeak's peaks are at full scale there. */
const volume = 75;

/**
 * The native library. It has one state for the whole process, so there may be one of these alone, in
 * one thread. Everything is synchronous.
 */
export class Espeak {
  readonly sampleRate: number;
  readonly #native: ReturnType<typeof bind>;
  #sink: (samples: Int16Array) => boolean = () => false;

  constructor(files: EspeakFiles) {
    this.#native = bind(files.library);
    this.sampleRate = this.#native.initialise(synchronous, chunkLength, null, dontExit);
    if (this.sampleRate <= 0) throw new Error("espeak-ng could not read its data");
    const callback = koffi.register((samples: unknown, count: number): number => {
      if (!samples || count <= 0) return 0;
      const chunk: unknown = koffi.decode(samples, koffi.array("int16_t", count, "Typed"));
      return chunk instanceof Int16Array && this.#sink(chunk) ? 0 : 1;
    }, koffi.pointer(this.#native.callback));
    this.#native.setCallback(callback);
  }

  voices(): EspeakVoice[] {
    const list: unknown = this.#native.listVoices(null);
    const found: EspeakVoice[] = [];
    for (let index = 0; ; index += 1) {
      const pointer: unknown = koffi.decode(list, index * koffi.sizeof("void*"), "void*");
      if (!pointer) return found;
      const voice: { identifier: string; languages: unknown } = koffi.decode(
        pointer,
        this.#native.voice,
      );
      const file = voice.identifier.split("/").at(-1) ?? voice.identifier;
      found.push({ file, languages: readLanguages(voice.languages) });
    }
  }

  /** Hands on chunks as they come, until `sink` gives false. */
  speak(utterance: EspeakUtterance, sink: (samples: Int16Array) => boolean): void {
    if (this.#native.setVoice(utterance.voice) !== 0) {
      throw new Error(`espeak-ng has no voice ${utterance.voice}`);
    }
    this.#native.setParameter(parameter.rate, Math.round(utterance.wordsPerMinute), 0);
    this.#native.setParameter(parameter.volume, volume, 0);
    this.#sink = sink;
    const text = Buffer.from(`${utterance.text}\0`);
    const flags = utf8 | (utterance.pause ? endPause : 0);
    const status = this.#native.synthesise(text, text.length, 0, 1, 0, flags, null, null);
    if (status !== 0) throw new Error(`espeak-ng failed with status ${status}`);
  }
}

/** A priority byte and a NUL-terminated code, again and again, until a priority of 0. */
function readLanguages(pointer: unknown): EspeakVoice["languages"] {
  const languages: EspeakVoice["languages"] = [];
  const byte = (offset: number): number => koffi.decode(pointer, offset, "uint8_t");
  let offset = 0;
  for (let priority = byte(offset); priority !== 0; priority = byte(offset)) {
    let code = "";
    for (offset += 1; byte(offset) !== 0; offset += 1) code += String.fromCharCode(byte(offset));
    languages.push({ code, priority });
    offset += 1;
  }
  return languages;
}

function bind(path: string) {
  const library = koffi.load(path);
  return {
    callback: koffi.proto("int EspeakCallback(int16_t* samples, int count, void* events)"),
    voice: koffi.struct("EspeakVoice", {
      name: "const char*",
      languages: "void*",
      identifier: "const char*",
      gender: "uint8_t",
      age: "uint8_t",
      variant: "uint8_t",
      reserved: "uint8_t",
      score: "int",
      spare: "void*",
    }),
    initialise: library.func(
      "int espeak_Initialize(int output, int chunk, const char* path, int options)",
    ),
    setCallback: library.func("void espeak_SetSynthCallback(void* callback)"),
    listVoices: library.func("void** espeak_ListVoices(void* filter)"),
    setVoice: library.func("int espeak_SetVoiceByName(const char* name)"),
    setParameter: library.func("int espeak_SetParameter(int parameter, int value, int relative)"),
    synthesise: library.func(
      "int espeak_Synth(const void* text, size_t size, unsigned int position, int unit, unsigned int end, unsigned int flags, unsigned int* id, void* data)",
    ),
  };
}
