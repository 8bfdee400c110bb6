import { setTimeout as delay } from "node:timers/promises";
import type { LanguageTag } from "../../shared/language.ts";
import type { Spoken } from "../interpreter/speech.ts";
import type { AudioOutlet } from "../media/audio-outlet.ts";
import type { SpeakerCaptions } from "./captions.ts";

/** An open outlet for one speaker in one language. */
export type InterpreterVoice = { outlet: AudioOutlet; close: () => void };

/** What a listener may still have to hear when the last packet has left. */
const HEARD_MS = 250;

/**
 * Plays what `speak` gives into the outlet, and tells the readers what the voice does. Ends when the
 * last of it has been heard.
 */
export async function playInterpreterVoice(
  spoken: AsyncIterable<Spoken>,
  options: {
    outlet: AudioOutlet;
    language: LanguageTag;
    captions: SpeakerCaptions;
    onFailed: (stage: string, error: unknown) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { outlet, language, captions, signal } = options;
  let onFirstPacket: (() => void) | undefined;
  for await (const part of spoken) {
    switch (part.type) {
      case "begin":
        onFirstPacket = () => captions.voiced(part.clause, language, part.rate);
        break;
      case "audio":
        outlet.write(part.samples, onFirstPacket);
        onFirstPacket = undefined;
        break;
      case "end":
        outlet.flush();
        break;
      case "skipped":
        captions.notice("voice-skipped", language);
        break;
      case "failed":
        outlet.flush();
        captions.notice("synthesis-failed", language);
        options.onFailed(`synthesis of ${language}`, part.error);
        break;
    }
  }
  while (outlet.bufferedMs > 0 && !signal.aborted) await rest(outlet.bufferedMs, signal);
  if (!signal.aborted) await rest(HEARD_MS, signal);
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
