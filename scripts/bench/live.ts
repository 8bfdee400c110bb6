import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { holdConversation } from "../../client/testing/conversation.ts";
import { type ServerMode, startParley } from "../../client/testing/parley-server.ts";
import { microphoneSound, sentences } from "../../client/testing/speech.ts";
import { summarise, type Summary } from "../../client/testing/statistics.ts";
import { formatTable } from "../../client/testing/table.ts";
import { writeWav } from "../../client/testing/wav.ts";
import { type Benchmark } from "./benchmark.ts";
import { type Crowd, measureCrowd } from "./crowd.ts";
import { coresByName, perSpeaker, type Processor, processorBetween } from "./processor.ts";
import { type ProcessUsage, readProcessUsage } from "./process-usage.ts";

/** Speakers at once. The last ones are more than two cores can hold together with their browser. */
const CROWDS = [1, 2, 4, 8, 16];
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
    const crowds = quick ? CROWDS.slice(0, 2) : CROWDS;
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
    const [conversation] = await holdConversation({
      server,
      speakers: [{ name: "Ann", voice: "slt", texts: sentences.slice(0, count) }],
      listeners: [{ name: "Ben", language: "es" }],
      onSpeech: { begins: read, ended: read },
    });
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

type CrowdResult = {
  speakers: number;
  heardOf: number;
  times: Times;
  processorPerSpeaker: Processor;
};

async function measureCrowds(mode: ServerMode, sizes: readonly number[], print: Print) {
  const engines = mode === "scripted" ? "scripted" : "real";
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-"));
  const results: CrowdResult[] = [];
  try {
    const speech = await microphoneSound({
      texts: sentences.slice(0, 6),
      voice: "slt",
      // Time for all of them to open their microphones before the first has said much.
      leadInMs: 4000,
    });
    const microphone = join(folder, "microphone.wav");
    await writeWav(microphone, speech.sound);
    for (const speakers of sizes) {
      print(`\n${speakers} at once, ${engines} engines:`);
      const server = await startParley({ mode });
      try {
        const crowd = await measureCrowd({ server, speakers, speech, microphone });
        const result = resultOf(crowd, speakers, speakers * speech.spoken.length);
        results.push(result);
        print(formatTimes(result.times));
        print(`\n${formatProcessors([[String(speakers), result.processorPerSpeaker]])}`);
      } finally {
        await server.close();
      }
      if (isTooMuch(results)) {
        print(`\n${speakers} speakers with their browser are more than this machine holds.`);
        break;
      }
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
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

function isTooMuch(results: readonly CrowdResult[]): boolean {
  const final = (result: CrowdResult | undefined) =>
    result?.times["end of speech -> final caption"]?.median ?? Infinity;
  const last = results.at(-1);
  return final(last) > TOO_SLOW * final(results[0]) || (last?.heardOf ?? 0) < TOO_FEW;
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
