import type { LanguageTag } from "../../shared/language.ts";
import type { Synthesiser } from "../../server/interpreter/engines.ts";
import { concatenate } from "./speech.ts";

/** A clause as the synthesiser said it: 24 kHz. */
export type SynthesisedClause = {
  text: string;
  language: LanguageTag;
  rate: number;
  samples: Int16Array;
};

/**
 * The same synthesiser, which tells what it said. A voice never says a text twice the same way (its
 * pitch flutters), so only what was really synthesised can be compared with what was heard.
 */
export function observeSynthesiser(
  synthesiser: Synthesiser,
  onSaid: (clause: SynthesisedClause) => void,
): Synthesiser {
  return {
    provider: synthesiser.provider,
    availability: synthesiser.availability,
    languages: synthesiser.languages,
    warm: (language) => synthesiser.warm(language),
    close: () => synthesiser.close(),
    async *synthesise(request) {
      const chunks: Int16Array[] = [];
      for await (const chunk of synthesiser.synthesise(request)) {
        // The receiver may keep or give away the chunk itself.
        chunks.push(chunk.slice());
        yield chunk;
      }
      const { text, language, rate } = request;
      onSaid({ text, language, rate, samples: concatenate(chunks) });
    },
  };
}
