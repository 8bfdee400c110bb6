import { AsyncQueue } from "../../kit/async-queue.ts";
import type { RecogniserSession, Recognition, Synthesiser, Translator } from "../engines.ts";
import type { Clause } from "../speech.ts";
import type { VoiceActivityStream } from "../voice-activity.ts";

/** Twins of the engines that do as a test says, and keep account of what they were asked. */
type Recognise = RecogniserSession["recognise"];

export type Recorded = { samples: number; audio: Int16Array[]; ended: boolean };

/** Hands the n-th utterance to `script(n)`, and keeps the audio of each. */
export function fakeSession(script: (utterance: number, audio: Recorded) => Recognise) {
  const utterances: Recorded[] = [];
  let running = 0;
  const session: RecogniserSession = {
    async *recognise(audio, options): AsyncGenerator<Recognition> {
      const recorded: Recorded = { samples: 0, audio: [], ended: false };
      utterances.push(recorded);
      if (running > 0) throw new Error("utterances overlap");
      running += 1;
      try {
        yield* script(utterances.length - 1, recorded)(audio, options);
      } finally {
        running -= 1;
      }
    },
    close: () => Promise.resolve(),
  };
  return { session, utterances };
}

/** Reads all audio, gives `partials` on the way, a final at the end. */
export function counting(recorded: Recorded, text = "some words"): Recognise {
  return async function* (audio) {
    for await (const chunk of audio) {
      recorded.samples += chunk.length;
      recorded.audio.push(chunk);
      if (recorded.audio.length % 4 === 0) yield { type: "partial", text: `${text} ...` };
    }
    recorded.ended = true;
    yield { type: "final", text };
  };
}

/** Takes loud windows for speech. */
export const loudnessActivity = (): VoiceActivityStream => ({
  judge: (windows) =>
    Promise.resolve(
      windows.map((window) => (window.some((sample) => Math.abs(sample) > 500) ? 1 : 0)),
    ),
  close: () => undefined,
});

const engine = {
  provider: "fake",
  availability: { available: true },
  close: () => Promise.resolve(),
} as const;

export const fakeTranslator = (translate: Translator["translate"]): Translator => ({
  ...engine,
  pairs: [],
  supports: () => true,
  warm: () => Promise.resolve(),
  translate,
});

export const fakeSynthesiser = (synthesise: Synthesiser["synthesise"]): Synthesiser => ({
  ...engine,
  languages: [],
  warm: () => Promise.resolve(),
  synthesise,
});

export const clauseOf = (text: string, part: Partial<Clause> = {}): Clause => ({
  utteranceId: "u",
  index: 0,
  text,
  language: "en",
  endedAt: performance.now(),
  last: false,
  ...part,
});

/** What `items` gives, until it ends. */
export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export function queueOf<Item>(...items: Item[]): AsyncQueue<Item> {
  const queue = new AsyncQueue<Item>();
  for (const item of items) queue.push(item);
  return queue;
}
