import { type LanguageTag } from "../../shared/language.ts";
import { createLocalSynthesiser } from "../../server/engine/local/local-synthesiser.ts";
import { SPEAKING_RATE } from "../../server/kit/pcm.ts";
import { concatenate } from "./speech.ts";
import { type Sound } from "./wav.ts";

export type ReferenceVoice = {
  /** What the interpreter's voice must have said for this text. */
  say(text: string, language: LanguageTag, rate: number): Promise<Sound>;
  close(): Promise<void>;
};

/** The local synthesiser by itself: what a listener hears at best, with no network between. */
export async function openReferenceVoice(): Promise<ReferenceVoice> {
  const synthesiser = await createLocalSynthesiser();
  const { signal } = new AbortController();
  return {
    async say(text, language, rate) {
      const chunks: Int16Array[] = [];
      for await (const chunk of synthesiser.synthesise({ text, language, rate, signal })) {
        chunks.push(chunk);
      }
      return { samples: concatenate(chunks), rate: SPEAKING_RATE };
    },
    close: () => synthesiser.close(),
  };
}
