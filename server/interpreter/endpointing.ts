import { HEARING_RATE } from "../kit/pcm.ts";
import { levelOf } from "./level.ts";
import type { EndpointPolicy } from "./policy.ts";

/** Samples of one window: 32 ms, what the voice activity detector takes. */
export const WINDOW = 512;
/** Samples of a block, within which the end of a voice is found: 8 ms. */
export const BLOCK = 128;

/** Positions are counted in samples from the start of the stream. */
export type EndpointEvent =
  | {
      type: "start";
      /** Where the recogniser's audio starts. */
      from: number;
      /** Where speech does. */
      startedAt: number;
    }
  | {
      type: "end";
      /** Where the recogniser's audio ends. */
      to: number;
      /** Where speech did. */
      endedAt: number;
      /** There was too little voice in it to be speech. */
      brief: boolean;
    };

export type Endpointer = {
  /** Judges the next window. */
  push(window: Int16Array, probability: number): EndpointEvent[];
  /** End of the last window. */
  readonly position: number;
  /** So many further windows cannot decide anything: they may be judged together with the next. */
  readonly idleWindows: number;
  /** End of what the utterance under way may already give to the recogniser. */
  readonly feedTo: number;
  /** End of the voiced audio of the utterance under way; undefined between utterances. */
  readonly voicedTo: number | undefined;
  /** Ends the utterance under way and starts the next where it ended. */
  restart(): EndpointEvent[];
  /** The audio is over. */
  finish(): EndpointEvent[];
};

type Speech = {
  from: number;
  voicedTo: number;
  voiced: number;
  /** Level that the voice has just had, in dBFS. */
  level: number;
  held: { at: number; level: number }[];
};

const samples = (ms: number) => Math.round((ms * HEARING_RATE) / 1000);
/** So that one loud word doesn't make soft ones after it silence: 10 dB a second. */
const LEVEL_DECAY_DB = 0.32;
/** Windows that are less probably speech tell the level of the noise, each so much of it. */
const CLEAR_SILENCE = 0.1;
const NOISE_SHARE = 0.1;
/** What is told of an utterance under way (its end so far) is never older: 96 ms. */
const MOST_IDLE = 3;
/** The shortest silence that ends an utterance which gets too long. */
const SHORTEST_SILENCE_MS = 64;

/** Decides where utterances start and end. Pure: the same windows always give the same events. */
export function createEndpointer(policy: EndpointPolicy): Endpointer {
  const maximum = samples(policy.maximumUtteranceMs);
  let position = 0;
  let earliest = 0;
  let onset = 0;
  let onsetLevel = -100;
  let speech: Speech | undefined;
  /** Level of what is heard while nobody speaks, in dBFS. */
  let noise = -100;

  function begin(from: number, startedAt: number, level: number): EndpointEvent {
    const voiced = position - startedAt;
    speech = { from, voicedTo: position, voiced, level, held: [] };
    return { type: "start", from, startedAt };
  }

  function end(ending: Speech, to: number): EndpointEvent {
    const endedAt = Math.min(ending.voicedTo, to);
    // Pre-roll may reach back into the silence of this utterance, not into its speech.
    earliest = endedAt;
    onset = 0;
    onsetLevel = -100;
    speech = undefined;
    return { type: "end", to, endedAt, brief: ending.voiced < samples(policy.minimumSpeechMs) };
  }

  /** Silence that ends the utterance: ever shorter as it comes near to the maximum. */
  function silenceNeeded(age: number): number {
    const left = Math.max(0, maximum - age) / samples(policy.relaxMs);
    const full = policy.silenceMs;
    if (left >= 1 || full <= SHORTEST_SILENCE_MS) return samples(full);
    return samples(SHORTEST_SILENCE_MS + (full - SHORTEST_SILENCE_MS) * left);
  }

  /** What is softer is no part of a voice of this level. */
  function audible(level: number): number {
    const aboveNoise = Math.min(noise + policy.aboveNoiseDb, level - policy.noiseReserveDb);
    return Math.max(level - policy.silenceDropDb, aboveNoise);
  }

  const holding = (speech: Speech) => position - speech.from > maximum - samples(policy.holdMs);

  function split(ending: Speech): EndpointEvent[] {
    const quietest = ending.held.reduce((best, block) => (block.level < best.level ? block : best));
    const { voicedTo, level } = ending;
    const ended = end(ending, quietest.at);
    const started = begin(quietest.at, quietest.at, level);
    if (speech) speech.voicedTo = Math.max(quietest.at, voicedTo);
    return [ended, started];
  }

  function listen(window: Int16Array, probability: number): EndpointEvent[] {
    if (probability <= policy.startProbability) {
      onset = 0;
      onsetLevel = -100;
      if (probability < CLEAR_SILENCE) {
        const level = levelOf(window);
        noise = noise === -100 ? level : noise + (level - noise) * NOISE_SHARE;
      }
      return [];
    }
    onset += 1;
    onsetLevel = Math.max(onsetLevel, levelOf(window));
    if (onset < policy.startWindows) return [];
    const startedAt = position - onset * WINDOW;
    const from = Math.max(Math.min(earliest, startedAt), startedAt - samples(policy.preRollMs));
    return [begin(Math.max(0, from), startedAt, onsetLevel)];
  }

  function follow(speech: Speech, window: Int16Array, probability: number): EndpointEvent[] {
    const levels: number[] = [];
    for (let block = 0; block < WINDOW; block += BLOCK) {
      levels.push(levelOf(window, block, block + BLOCK));
    }
    if (probability >= policy.endProbability) {
      speech.level = Math.max(speech.level - LEVEL_DECAY_DB, ...levels);
      const loud = levels.findLastIndex((level) => level > audible(speech.level));
      if (loud >= 0) {
        speech.voicedTo = position - WINDOW + (loud + 1) * BLOCK;
        speech.voiced += WINDOW;
      }
    }
    // The window that comes nearest to the silence wanted decides, not the first one after it.
    const silence = position - speech.voicedTo + WINDOW / 2;
    if (silence >= silenceNeeded(position - speech.from)) return [end(speech, position)];
    if (!holding(speech)) return [];
    for (const [index, level] of levels.entries()) {
      // The middle of the block: cutting there leaves the quiet on both sides.
      speech.held.push({ at: position - WINDOW + index * BLOCK + BLOCK / 2, level });
    }
    return position - speech.from >= maximum ? split(speech) : [];
  }

  return {
    push(window, probability) {
      position += WINDOW;
      return speech ? follow(speech, window, probability) : listen(window, probability);
    },
    get position() {
      return position;
    },
    get idleWindows() {
      if (!speech) return 0;
      const { from, voicedTo } = speech;
      const age = position - from;
      const untilHold = maximum - samples(policy.holdMs) - age;
      const latest = Math.min(maximum, age + MOST_IDLE * WINDOW);
      const untilEnd = silenceNeeded(latest) - WINDOW / 2 - (position - voicedTo) - 1;
      const idle = Math.floor(Math.min(untilHold, untilEnd) / WINDOW);
      return Math.max(0, Math.min(MOST_IDLE, idle));
    },
    get feedTo() {
      const first = speech?.held[0];
      return first ? first.at - BLOCK / 2 : position;
    },
    get voicedTo() {
      return speech?.voicedTo;
    },
    restart() {
      if (!speech) return [];
      const { level, held } = speech;
      const at = held[0] ? held[0].at - BLOCK / 2 : position;
      return [end(speech, at), begin(at, at, level)];
    },
    finish() {
      return speech ? [end(speech, position)] : [];
    },
  };
}
