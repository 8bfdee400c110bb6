import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errors } from "playwright-core";
import { type ConversationOptions, holdConversation } from "../../client/testing/conversation.ts";
import { type ServerMode, startParley } from "../../client/testing/parley-server.ts";
import { type MicrophoneSound, microphoneSound, sentences } from "../../client/testing/speech.ts";
import { summarise, type Summary } from "../../client/testing/statistics.ts";
import { formatTable } from "../../client/testing/table.ts";
import { writeWav } from "../../client/testing/wav.ts";
import type { Benchmark } from "./benchmark.ts";
import { type Crowd, measureCrowd } from "./crowd.ts";
import { coresByName, perSpeaker, type Processor, processorBetween } from "./processor.ts";
import { type ProcessUsage, readProcessUsage } from "./process-usage.ts";

/** Speakers at once. The larger ones are tried only where the smaller ones were held. */
const CROWDS = [1, 2, 4, 8, 16, 32, 64];
const QUICK_CROWDS = [1, 2];
/** No crowd is begun that would probably end later: both kinds of engines are done in 7 minutes. */
const CROWDS_MS = 200_000;
/** How much longer than the one before the next crowd takes: its people have to be seated. */
const LONGER = 1.4;
/** A crowd is too large when captions take so many times as long as for one speaker. */
const TOO_SLOW = 2;
/** ... or when less than this share of the sentences arrive. */
const TOO_FEW = 0.9;

type Print = (text: string) => void;
type Times = Record<string, Summary | undefined>;

export const liveBenchmark: Benchmark = {
  summary:
    "latency and processor time of the live path, from one speaker to what the machine holds",
  async run({ print, quick }) {
    const single = await measureSingle(print, quick ? 6 : sentences.length);
    const crowds = quick ? QUICK_CROWDS : CROWDS;
    const scripted = await measureCrowds("scripted", crowds, print);
    const real = await measureCrowds("plain", crowds, print);
    return { single, scripted, real };
  },
};

/** One speaker and one listener, each at a browser, with real engines. */
async function measureSingle(print: Print, count: number) {
  print(`One speaker, one listener, real engines, ${count} sentences:`);
  const server = await startParley();
  try {
    const usage: ProcessUsage[] = [];
    const read = async () => void usage.push(await readProcessUsage(server.pid));
    const converse = (texts: readonly string[], onSpeech?: ConversationOptions["onSpeech"]) =>
      holdConversation({
        server,
        speakers: [{ name: "Ann", voice: "slt", texts }],
        listeners: [{ name: "Ben", language: "es" }],
        onSpeech,
      });
    // Until then a server costs more, for its code is being compiled.
    await converse(sentences);
    const [conversation] = await converse(sentences.slice(0, count), { begins: read, ended: read });
    if (!conversation) throw new Error("nobody spoke to anybody");
    const all = conversation.sentences;
    const times: Times = {
      "beginning of speech -> first partial": summarise(
        defined(all.map((one) => one.firstPartialMs)),
      ),
      "end of speech -> final caption": summarise(defined(all.map((one) => one.finalMs))),
      "end of speech -> voice's first packet": summarise(defined(all.map((one) => one.voiceMs))),
      "final caption -> voice's first packet": summarise(
        defined(all.map(({ voiceMs, finalMs }) => difference(voiceMs, finalMs))),
      ),
      "voice's first packet -> heard": summarise(defined(all.map((one) => one.heardMs))),
      "ear-voice span": summarise(defined(all.map((one) => one.earVoiceSpanMs))),
    };
    const [before, after] = usage;
    const processor = before && after && processorBetween(before, after);
    const threads = before && after && coresByName(before, after);
    print(formatTimes(times));
    if (processor) print(`\n${formatProcessors([["1", processor]])}`);
    return { wordAccuracy: conversation.accuracy.accuracy, times, processor, threads };
  } finally {
    await server.close();
  }
}

type Measured = {
  speakers: number;
  /** Share of the sentences that arrived. */
  heardOf: number;
  times: Times;
  processorPerSpeaker: Processor;
};
/** `held`: neither slow nor incomplete. Only the last crowd may be too large. */
type CrowdResult = Measured & { held: boolean };

async function measureCrowds(mode: ServerMode, sizes: readonly number[], print: Print) {
  const engines = mode === "scripted" ? "scripted" : "real";
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-"));
  const results: CrowdResult[] = [];
  try {
    const speech = await microphoneSound({
      texts: sentences.slice(0, 5),
      voice: "slt",
      // Time for all of them to open their microphones before the first has said much.
      leadInMs: 4000,
    });
    const microphone = join(folder, "microphone.wav");
    await writeWav(microphone, speech.sound);
    const startedAt = performance.now();
    let tookMs = 0;
    for (const speakers of sizes) {
      const begunAt = performance.now();
      if (begunAt - startedAt + tookMs * LONGER > CROWDS_MS) {
        print(
          `\nThe machine may hold more, but ${speakers} speakers would take too long to measure.`,
        );
        break;
      }
      print(`\n${speakers} at once, ${engines} engines:`);
      const result = await tryCrowd({ mode, speakers, speech, microphone });
      tookMs = performance.now() - begunAt;
      const held = result !== undefined && isHeld(result, results[0] ?? result);
      if (result) {
        results.push({ ...result, held });
        print(formatTimes(result.times));
        print(`${(result.heardOf * 100).toFixed(0)} % of the sentences arrived.`);
        print(`\n${formatProcessors([[String(speakers), result.processorPerSpeaker]])}`);
      }
      if (!held) {
        print(`\n${speakers} speakers with their browser are more than this machine holds.`);
        break;
      }
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Gives nothing where the machine was too busy for a crowd even to meet. */
async function tryCrowd(options: {
  mode: ServerMode;
  speakers: number;
  speech: MicrophoneSound;
  microphone: string;
}): Promise<Measured | undefined> {
  const { mode, speakers, speech, microphone } = options;
  const server = await startParley({ mode });
  try {
    const crowd = await measureCrowd({ server, speakers, speech, microphone });
    return resultOf(crowd, speakers, speakers * speech.spoken.length);
  } catch (error) {
    // Two that cannot meet have met an error, not a limit.
    if (speakers > 2 && error instanceof errors.TimeoutError) return undefined;
    throw error;
  } finally {
    await server.close();
  }
}

function resultOf({ sentences: all, processor }: Crowd, speakers: number, said: number) {
  const since = (from: number, to: number | undefined) => (to === undefined ? to : to - from);
  return {
    speakers,
    heardOf: all.filter(({ finalAt }) => finalAt !== undefined).length / said,
    times: {
      "beginning of speech -> first partial": summarise(
        defined(all.map(({ startedAt, firstPartialAt }) => since(startedAt, firstPartialAt))),
      ),
      "end of speech -> final caption": summarise(
        defined(all.map(({ endedAt, finalAt }) => since(endedAt, finalAt))),
      ),
      "end of speech -> word of the voice": summarise(
        defined(all.map(({ endedAt, voiced }) => since(endedAt, voiced[0]?.at))),
      ),
    },
    processorPerSpeaker: perSpeaker(processor, speakers),
  };
}

function isHeld(result: Measured, first: Measured): boolean {
  const final = ({ times }: Measured) =>
    times["end of speech -> final caption"]?.median ?? Infinity;
  return final(result) <= TOO_SLOW * final(first) && result.heardOf >= TOO_FEW;
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

function defined(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
}

function formatTimes(times: Times): string {
  const rows = Object.entries(times).map(([stage, summary]) => {
    if (!summary) return [stage, "-", "-", "0"];
    return [stage, summary.median.toFixed(0), summary.p95.toFixed(0), String(summary.count)];
  });
  return formatTable([["ms", "median", "p95", "sentences"], ...rows]);
}

function formatProcessors(rows: readonly (readonly [string, Processor])[]): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return formatTable([
    ["cores per speaker", "recogniser", "rest of the server", "translator", "SFU"],
    ...rows.map(([speakers, { recogniser, server, translator, sfu }]) => [
      speakers,
      ...[recogniser, server, translator, sfu].map(percent),
    ]),
  ]);
}
