import { parentPort } from "node:worker_threads";
import { eld } from "eld/large";

export type ToIdentifier = { question: number; text: string };
/** By two-letter code, from 0 to 1; what is not likely at all is absent. */
export type FromIdentifier = { question: number; scores: Record<string, number> };

parentPort?.on("message", ({ question, text }: ToIdentifier) => {
  const answer: FromIdentifier = { question, scores: eld.detect(text).getScores() };
  parentPort?.postMessage(answer);
});
