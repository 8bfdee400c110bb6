import { SPEAKING_RATE } from "../../server/kit/pcm.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { CaptionedSentence } from "./captions-by-sentence.ts";
import { soundCorrelation } from "./correlation.ts";
import type { Recording } from "./recording.ts";
import type { SynthesisedClause } from "./observed-synthesiser.ts";
import type { SpeechWatch } from "./speech-watch.ts";
import { durationMs } from "./wav.ts";

/** ms, each absent when it did not come to that. Speech begins and ends when the server gets it. */
export type MeasuredSentence = CaptionedSentence & {
  /** Beginning of speech -> the listener's page has the first partial caption. */
  firstPartialMs?: number;
  /** End of speech -> the listener's page has the final caption. */
  finalMs?: number;
  /** End of speech -> first packet of the translated voice. */
  voiceMs?: number;
  /** First packet of the translated voice -> it sounds in the listener's page. */
  heardMs?: number;
  /** Ear-voice span, from beginning to beginning: of speech, and of what the listener hears. */
  earVoiceSpanMs?: number;
  /** Of what was heard with what the interpreter had to say: see `soundCorrelation`. */
  correlation?: number;
};

/** The listener's side of an interpreter's voice. */
export type ListenedVoice = { ssrc: number; language: LanguageTag; recording: Recording };

const HEARD_LIMIT_MS = 1000;
/** Around a clause in the recording: it was announced a little late, and heard a little later. */
const [BEFORE_MS, AFTER_MS] = [300, 1500];

export function measureSentence(
  sentence: CaptionedSentence,
  options: {
    watch: SpeechWatch;
    listened?: ListenedVoice;
    synthesised: readonly SynthesisedClause[];
  },
): MeasuredSentence {
  const { watch, listened, synthesised } = options;
  const { startedAt, endedAt, firstPartialAt, finalAt, voiced } = sentence;
  const since = (from: number, to: number | undefined) => (to === undefined ? to : to - from);
  const measured: MeasuredSentence = {
    ...sentence,
    firstPartialMs: since(startedAt, firstPartialAt),
    finalMs: since(endedAt, finalAt),
  };
  const [first] = voiced;
  if (!listened || !first) return measured;

  const packetAt = watch.talkspurt(listened.ssrc, first.at);
  if (packetAt !== undefined) {
    const heardAt = listened.recording.onset(packetAt, packetAt + HEARD_LIMIT_MS);
    measured.voiceMs = packetAt - endedAt;
    measured.heardMs = since(packetAt, heardAt);
    measured.earVoiceSpanMs = since(startedAt, heardAt);
  }
  measured.correlation = correlate(sentence, listened, synthesised);
  return measured;
}

/** The mean over the clauses, each weighted by its length. A clause that was not said counts as 0. */
function correlate(
  { voiced }: CaptionedSentence,
  { recording, language }: ListenedVoice,
  synthesised: readonly SynthesisedClause[],
): number | undefined {
  let [sum, total] = [0, 0];
  for (const { at, text } of voiced) {
    const said = synthesised.find((clause) => clause.text === text && clause.language === language);
    if (!said) {
      total += 1000;
      continue;
    }
    const sound = { samples: said.samples, rate: SPEAKING_RATE };
    const length = durationMs(sound);
    const heard = recording.between(at - BEFORE_MS, at + length + AFTER_MS);
    sum += soundCorrelation(sound, heard).correlation * length;
    total += length;
  }
  return total === 0 ? undefined : sum / total;
}
