import { createLocalTranslator } from "../../server/engine/local/local-translator.ts";
import type { LanguageTag } from "../../shared/language.ts";

export type ReferenceTranslator = {
  /** What the interpreter must have made of an English sentence. */
  translate(text: string, to: LanguageTag): Promise<string>;
  close(): Promise<void>;
};

/** The local translator by itself: no call, no captions. */
export function openReferenceTranslator(): ReferenceTranslator {
  const translator = createLocalTranslator();
  const { signal } = new AbortController();
  return {
    translate: (text, to) => translator.translate({ text, from: "en", to, context: [], signal }),
    close: () => translator.close(),
  };
}
