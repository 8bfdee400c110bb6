/**
 * All numbers that decide how the interpreter behaves, each with its reason. Whoever wants others
 * gives a part of a policy to a stage; these are the defaults.
 */

/** When an utterance starts and ends. Counted in audio, never in wall-clock time. */
export type EndpointPolicy = {
  /** A window is the start of speech when the detector is surer than this. */
  startProbability: number;
  /** So many such windows in a row start an utterance. */
  startWindows: number;
  /** While speech goes on, a window less probable than this is silence. */
  endProbability: number;
  /** ... and so is one that is so many dB quieter than the voice has just been. */
  silenceDropDb: number;
  /** In noise the voice must also be so many dB above it, ... */
  aboveNoiseDb: number;
  /** ... as far as it has just been louder than that by so many dB. */
  noiseReserveDb: number;
  /** Silence that ends an utterance. */
  silenceMs: number;
  /** Audio from before the start that the recogniser gets as well. */
  preRollMs: number;
  /** An utterance with less voiced audio is a click or a cough: it ends with an empty text. */
  minimumSpeechMs: number;
  /** An utterance is never longer. */
  maximumUtteranceMs: number;
  /** Over the last so many ms before the maximum ever shorter silences end the utterance. */
  relaxMs: number;
  /** Audio kept back just before the maximum, to cut at its quietest moment. */
  holdMs: number;
};

export const endpointPolicy: EndpointPolicy = {
  startProbability: 0.5,
  // 64 ms: one window alone is a click as often as it is speech.
  startWindows: 2,
  // Below the start's, so that a weak syllable within a phrase doesn't end it.
  endProbability: 0.35,
  // The detector's probability stays up for 30 to 90 ms after a voice has stopped; its level falls
  // at once, by 30 dB and more. Final consonants lie about 20 dB under the vowels.
  silenceDropDb: 26,
  // Blocks of 8 ms of steady noise seldom are louder than its mean by more.
  aboveNoiseDb: 6,
  // Soft syllables within a phrase are not silence, however loud the room.
  noiseReserveDb: 18,
  // Pauses within a phrase are mostly under 300 ms; every ms more is a ms later for every caption.
  silenceMs: 350,
  // Soft first consonants come up to 150 ms before the detector is sure; recognisers want some
  // silence before the first word.
  preRollMs: 300,
  minimumSpeechMs: 96,
  // Recognisers lose accuracy, and readers patience, with longer ones.
  maximumUtteranceMs: 30_000,
  relaxMs: 5_000,
  holdMs: 480,
};

/** How long the recogniser may take, so that one bad phrase never ends a call. */
export type RecognitionPolicy = {
  /** From the opening of a microphone until the recogniser is ready for it. */
  openTimeoutMs: number;
  /** From the end of the audio (or from its turn, if that is later) to the final. */
  finalTimeoutMs: number;
  /** Speech going on without any new result. */
  stallTimeoutMs: number;
  /** What an aborted recognition may take to end before the next starts all the same. */
  abortGraceMs: number;
  /** A failed recognition that had lived as long is followed by another within the same speech. */
  resumeAfterMs: number;
  /** Audio that waits for a slow recogniser; beyond it the oldest goes. */
  backlogMs: number;
};

export const recognitionPolicy: RecognitionPolicy = {
  // Models load slowly on a busy machine; but readers should be told why they read nothing.
  openTimeoutMs: 15_000,
  // Twice the slowest cloud final that is any use in a conversation.
  finalTimeoutMs: 5_000,
  // Nobody speaks for 10 s without a recognisable word.
  stallTimeoutMs: 10_000,
  abortGraceMs: 1_000,
  // An engine that fails at once would fail at once again: then only the next phrase tries it.
  resumeAfterMs: 2_000,
  // As long as an utterance may be: what came before it would be translated too late to matter.
  backlogMs: 30_000,
};

export type HearPolicy = EndpointPolicy & RecognitionPolicy;
export const hearPolicy: HearPolicy = { ...endpointPolicy, ...recognitionPolicy };

/** When words become stable, and where speech is cut into clauses. */
export type CommitPolicy = {
  /** A word is stable that was the same in so many partials in a row ... */
  agreeingPartials: number;
  /** ... or for as long, ... */
  agreeingMs: number;
  /** ... unless it is among the last ones, which the next sound may still change. */
  unstableWords: number;
  /** A sentence or comma ends a clause only after as many words. */
  minimumWords: number;
  /** With as many stable words a clause is cut at the best joint in them. */
  clauseWords: number;
  /** With as many it is cut even where there is no joint. */
  maximumWords: number;
  /** Characters that count as a word in scripts that write no spaces. */
  spacelessCharacters: number;
};

export const commitPolicy: CommitPolicy = {
  // With a partial each 130 ms about 400 ms, the time in which a recogniser changes its mind.
  agreeingPartials: 3,
  agreeingMs: 400,
  unstableWords: 2,
  // `Yes.` and `Well,` are translated better with what follows.
  minimumWords: 3,
  // Whole sentences translate much better than fragments; most are shorter than this (5 s of
  // speech), so that only long ones are cut.
  clauseWords: 12,
  // 8 s of speech: the longest that a listener should wait for the voice to begin.
  maximumWords: 20,
  spacelessCharacters: 2,
};

export type TranslatePolicy = {
  /** Then the clause goes on without a translation. */
  timeoutMs: number;
  /** Clauses of the same speaker that the translator sees as context. */
  contextClauses: number;
  /** Requests of one speaker and language under way at once. Their order is kept. */
  concurrency: number;
};

export const translatePolicy: TranslatePolicy = {
  timeoutMs: 5_000,
  contextClauses: 3,
  concurrency: 3,
};

/** How the voice keeps up with the speaker. */
export type SpeakPolicy = {
  /** The next clause is synthesised once less than this waits in the outlet. */
  aheadMs: number;
  /** Up to this backlog the voice is natural, ... */
  naturalBacklogMs: number;
  /** ... from this one on it is as fast as it gets, and in between it changes evenly. */
  hurriedBacklogMs: number;
  hurriedRate: number;
  /** A clause that the speaker ended longer ago is left out, unless none is newer, ... */
  skipAfterMs: number;
  /** ... and from here on it is left out in any case. */
  staleAfterMs: number;
  /** Clauses that wait; beyond it the oldest is left out. */
  waitingClauses: number;
  /** Silence of the synthesiser that counts as a failure. */
  chunkTimeoutMs: number;
  /** So does sound that goes on for so many times as long as the text should take, ... */
  endlessFactor: number;
  /** ... and so much longer. */
  endlessMs: number;
};

export const speakPolicy: SpeakPolicy = {
  // Enough to hide the start of a slow synthesiser, little enough to decide the rate late.
  aheadMs: 1_000,
  naturalBacklogMs: 1_000,
  hurriedBacklogMs: 5_000,
  // Faster is hard to follow in a language that one listens to with half an ear.
  hurriedRate: 1.35,
  skipAfterMs: 8_000,
  // The promise to the listener: the voice is never further behind.
  staleAfterMs: 10_000,
  waitingClauses: 32,
  chunkTimeoutMs: 5_000,
  // Figures and abbreviations are short to write and long to say.
  endlessFactor: 4,
  endlessMs: 10_000,
};
