import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { resample } from "./resample.ts";
import { readWav, type Sound } from "./wav.ts";

export { sentences } from "../../server/engine/conformance/sentences.ts";

const run = promisify(execFile);

/** Flite's clear voices: a woman's and two men's. */
export const fliteVoices = ["slt", "rms", "awb"] as const;
export type FliteVoice = (typeof fliteVoices)[number];

/** A sample above this is speech; below are breath and the synthesiser's own silence. */
const SPEECH_LEVEL = 600;

/** Says a text with flite, a synthesiser that has nothing to do with the one under test. */
export async function sayWithFlite(text: string, voice: FliteVoice): Promise<Sound> {
  const folder = await mkdtemp(join(tmpdir(), "parley-flite-"));
  try {
    const path = join(folder, "speech.wav");
    await run("flite", ["-voice", voice, "-t", text, "-o", path]);
    return await readWav(path);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
      throw new Error("flite is not installed, and no test voice without it: apt install flite", {
        cause,
      });
    }
    throw cause;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where a sentence is in a microphone's sound, in ms from the start: of its audible part. */
export type SpokenSentence = { text: string; startMs: number; endMs: number };

export type MicrophoneSound = { sound: Sound; spoken: SpokenSentence[] };

const MICROPHONE_RATE = 48_000;

/** What a person with a microphone says: silence, then sentences with pauses between and after. */
export async function microphoneSound(options: {
  texts: readonly string[];
  voice: FliteVoice;
  /** Time for the page to connect before the first word. */
  leadInMs?: number;
  pauseMs?: number;
}): Promise<MicrophoneSound> {
  const { texts, voice, leadInMs = 3000, pauseMs = 1800 } = options;
  const pieces: Int16Array[] = [silence(leadInMs)];
  const spoken: SpokenSentence[] = [];
  let position = pieces[0]?.length ?? 0;
  for (const text of texts) {
    const { samples } = resample(await sayWithFlite(text, voice), MICROPHONE_RATE);
    const first = samples.findIndex(isSpeech);
    if (first < 0) throw new Error(`flite said nothing for "${text}"`);
    // Trimmed, so that the pauses are as long as they are meant to be.
    const audible = samples.subarray(first, samples.findLastIndex(isSpeech) + 1);
    const pause = silence(pauseMs);
    spoken.push({ text, startMs: toMs(position), endMs: toMs(position + audible.length) });
    pieces.push(audible, pause);
    position += audible.length + pause.length;
  }
  return { sound: { samples: concatenate(pieces), rate: MICROPHONE_RATE }, spoken };
}

const isSpeech = (sample: number) => Math.abs(sample) > SPEECH_LEVEL;
const silence = (ms: number) => new Int16Array(Math.round((ms / 1000) * MICROPHONE_RATE));
const toMs = (samples: number) => (samples / MICROPHONE_RATE) * 1000;

export function concatenate(pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    whole.set(piece, position);
    position += piece.length;
  }
  return whole;
}
