import { type LanguageTag, sameLanguage } from "../../shared/language.ts";
import { Branches } from "../interpreter/branches.ts";
import { commit } from "../interpreter/commit.ts";
import type { EngineRegistry, Recogniser } from "../interpreter/engines.ts";
import { hear } from "../interpreter/hear.ts";
import { openSession } from "../interpreter/open-session.ts";
import { speak } from "../interpreter/speak.ts";
import type { Clause, TranslatedClause } from "../interpreter/speech.ts";
import { translate } from "../interpreter/translate.ts";
import type { VoiceActivityDetector } from "../interpreter/voice-activity.ts";
import type { PcmFrame } from "../kit/pcm.ts";
import type { SpeakerCaptions } from "./captions.ts";
import { type InterpreterVoice, playInterpreterVoice } from "./interpreter-voice.ts";

/** The languages that a speaker is wanted in at this moment, and word of their change. */
export type Wanted = {
  /** Somebody reads or hears it. */
  text: () => LanguageTag[];
  /** Somebody hears it. */
  voice: () => LanguageTag[];
  onChange: (listener: () => void) => () => void;
};

export type InterpretSpeakerOptions = {
  audio: AsyncIterable<PcmFrame>;
  language: LanguageTag;
  recogniser: Recogniser;
  engines: EngineRegistry;
  voiceActivity: VoiceActivityDetector;
  wanted: Wanted;
  captions: SpeakerCaptions;
  openVoice: (language: LanguageTag) => Promise<InterpreterVoice>;
  onSpeaking: (speaking: boolean) => void;
  onFailed: (stage: string, error: unknown) => void;
  signal: AbortSignal;
};

/**
 * The way of a voice: heard, cut into clauses, shown, translated into each language that somebody
 * wants, and spoken in those that somebody hears. When the audio ends, what was said is still
 * translated and spoken to its end; `signal` ends everything at once.
 */
export async function interpretSpeaker(options: InterpretSpeakerOptions): Promise<void> {
  const { audio, language, recogniser, wanted, captions, onSpeaking, signal } = options;
  const session = await openSession(recogniser, { language, signal });
  const voiceActivity = options.voiceActivity.open();
  const voices = new Branches<TranslatedClause>({
    run: (to, translated, stop) => interpretVoice(to, translated, { ...options, signal: stop }),
    onFailed: (to, error) => {
      captions.notice("synthesis-failed", to);
      options.onFailed(`voice ${to}`, error);
    },
    signal,
  });
  const texts = new Branches<Clause>({
    run: (to, clauses, stop) => interpretText(to, clauses, voices, { ...options, signal: stop }),
    onFailed: (to, error) => {
      captions.notice("translation-failed", to);
      options.onFailed(`text ${to}`, error);
    },
    signal,
  });
  const foreign = (tags: LanguageTag[]) => tags.filter((tag) => !sameLanguage(tag, language));
  const follow = () => {
    voices.want(foreign(wanted.voice()));
    texts.want(foreign(wanted.text()));
  };
  const unfollow = wanted.onChange(follow);
  follow();

  try {
    for await (const part of commit(hear(audio, { session, voiceActivity, onSpeaking, signal }), {
      language,
    })) {
      if (part.type === "clause") {
        texts.push(part.clause);
        continue;
      }
      captions.committed(part);
      if (part.type === "final" && part.error !== undefined) {
        options.onFailed("recognition", part.error);
      }
    }
    await texts.end();
    await voices.end();
  } finally {
    unfollow();
    captions.end();
    voiceActivity.close();
    await Promise.all([texts.close(), voices.close(), session.close()]);
  }
}

async function interpretText(
  to: LanguageTag,
  clauses: AsyncIterable<Clause>,
  voices: Branches<TranslatedClause>,
  { language, engines, captions, onFailed, signal }: InterpretSpeakerOptions,
): Promise<void> {
  const translator = engines.translatorFor(language, to);
  const missing = { notice: "translator-unavailable", language: to } as const;
  if (!translator) return captions.missing(missing);
  captions.found(missing);
  // Not awaited: the first clause has a time limit, an engine that never gets ready has none.
  translator.warm(language, to).catch((error: unknown) => {
    if (!signal.aborted) onFailed(`warming text ${to}`, error);
  });
  for await (const translated of translate(clauses, { to, translator, signal })) {
    captions.translated(translated);
    if (translated.error !== undefined) onFailed(`translation to ${to}`, translated.error);
    voices.push(translated);
  }
}

async function interpretVoice(
  language: LanguageTag,
  translated: AsyncIterable<TranslatedClause>,
  { engines, captions, openVoice, onFailed, signal }: InterpretSpeakerOptions,
): Promise<void> {
  const synthesiser = engines.synthesiserFor(language);
  const missing = { notice: "synthesiser-unavailable", language } as const;
  if (!synthesiser) return captions.missing(missing);
  captions.found(missing);
  synthesiser.warm(language).catch((error: unknown) => {
    if (!signal.aborted) onFailed(`warming voice ${language}`, error);
  });
  const voice = await openVoice(language);
  try {
    const backlogMs = () => voice.outlet.bufferedMs;
    const mine = ofLanguage(translated, language);
    const spoken = speak(mine, { language, synthesiser, backlogMs, signal });
    const { outlet } = voice;
    await playInterpreterVoice(spoken, { outlet, language, captions, onFailed, signal });
  } finally {
    voice.close();
  }
}

async function* ofLanguage(translated: AsyncIterable<TranslatedClause>, language: LanguageTag) {
  for await (const clause of translated) {
    if (clause.to === language) yield clause;
  }
}
