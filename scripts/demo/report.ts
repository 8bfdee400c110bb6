import type { Interpretation } from "../../client/testing/conversation.ts";
import type { MeasuredSentence } from "../../client/testing/measured-sentence.ts";
import { summarise } from "../../client/testing/statistics.ts";
import { formatTable } from "../../client/testing/table.ts";

/** ms, rounded. Null when nothing could be measured. */
type Times = { median: number; p95: number } | null;

/** What `npm run demo -- --json` prints last. */
export type DemoReport = {
  /** From 0 to 1. */
  wordAccuracy: number;
  /** End of speech -> final caption in the listener's page. */
  finalMs: Times;
  /** End of speech -> first packet of the translated voice. */
  voiceMs: Times;
  /** First packet of the translated voice -> it sounds in the listener's page. */
  heardMs: Times;
  /** From 0 to 1: the mean over all sentences; one that was not heard counts as 0. */
  heardCorrelation: number;
  captions: { said: string; recognised: string; translated: string }[];
};

const stages = {
  firstPartialMs: "beginning of speech -> first words on screen",
  finalMs: "end of speech -> final caption on screen",
  voiceMs: "end of speech -> translated voice leaves",
  heardMs: "translated voice leaves -> heard",
  earVoiceSpanMs: "beginning of speech -> beginning of what is heard",
} as const;
type Stage = keyof typeof stages;

export function demoReport({ sentences, accuracy }: Interpretation): DemoReport {
  const times = (stage: Stage): Times => {
    const summary = summarise(measured(sentences, stage));
    return summary ? { median: Math.round(summary.median), p95: Math.round(summary.p95) } : null;
  };
  const correlations = sentences.map(({ correlation = 0 }) => correlation);
  const sum = correlations.reduce((all, one) => all + one, 0);
  return {
    wordAccuracy: round(accuracy.accuracy),
    finalMs: times("finalMs"),
    voiceMs: times("voiceMs"),
    heardMs: times("heardMs"),
    heardCorrelation: round(sum / Math.max(1, correlations.length)),
    captions: sentences.map(({ text, recognised, translated }) => ({
      said: text,
      recognised,
      translated,
    })),
  };
}

/** The same for people. */
export function demoTable(conversation: Interpretation): string {
  const { sentences, accuracy } = conversation;
  const { heardCorrelation } = demoReport(conversation);
  const rows = (Object.keys(stages) as Stage[]).map((stage) => {
    const summary = summarise(measured(sentences, stage));
    const { median, p95, count } = summary ?? { median: NaN, p95: NaN, count: 0 };
    return [stages[stage], formatMs(median), formatMs(p95), String(count)];
  });
  return [
    formatTable([["ms", "median", "p95", "sentences"], ...rows]),
    "",
    `words recognised: ${(accuracy.accuracy * 100).toFixed(1)} % of ${accuracy.words}`,
    `what was heard is what was synthesised: ${heardCorrelation.toFixed(3)} (correlation, 1 at best)`,
  ].join("\n");
}

function measured(sentences: readonly MeasuredSentence[], stage: Stage): number[] {
  return sentences.map((sentence) => sentence[stage]).filter((ms) => ms !== undefined);
}

function round(share: number): number {
  return Math.round(share * 1000) / 1000;
}

function formatMs(ms: number): string {
  return Number.isNaN(ms) ? "-" : ms.toFixed(0);
}
