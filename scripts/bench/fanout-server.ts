import { setTimeout as sleep } from "node:timers/promises";
import { answerParent } from "./child.ts";
import { microseconds, stampedText } from "./fanout-stamp.ts";

/** What a subscriber says after its socket has opened, and what it waits for before it goes on. */
export type Step = { say?: string; until?: string };

/** Where subscribers come to, and how one of these kinds does. */
export type Ready = { port: number; path: string; greetings: Step[][] };

export type ServerQuestion =
  | { ask: "start" }
  | { ask: "publish"; rate: number; seconds: number }
  | { ask: "memory" };

export type Published = {
  count: number;
  /** It was so late that there was no point in going on. */
  gaveUp: boolean;
  /** In microseconds of the machine's monotonic clock. */
  beganAt: number;
  /** Processor time of the whole process, in ms. */
  processorMs: number;
};

/** A loop that is late by this many seconds won't catch up. */
const HOPELESS_S = 0.5;

export type Memory = { residentBytes: number };

/**
 * Serves one of the competitors. Messages are published inside its own process, by a loop that calls
 * what its procedures would: with clients that publish, all would be measured by how fast they take
 * calls in. A message counts from the moment that it was due, also when the loop is late.
 */
export function runFanoutServer(server: {
  start: () => Promise<Ready>;
  /** `text` makes the message one of 200 bytes. */
  publish: (text: string) => void;
}): void {
  answerParent(async (question: ServerQuestion) => {
    switch (question.ask) {
      case "start":
        return server.start();
      case "publish":
        return publishAll(server.publish, question.rate, question.seconds);
      case "memory":
        return readMemory();
    }
  });
}

async function publishAll(
  publish: (text: string) => void,
  rate: number,
  seconds: number,
): Promise<Published> {
  const wanted = Math.max(1, Math.round(rate * seconds));
  const before = process.cpuUsage();
  const beganAt = microseconds() + 2000;
  let count = 0;
  let gaveUp = false;
  while (count < wanted) {
    const due = Math.min(wanted, ((microseconds() - beganAt) / 1e6) * rate);
    gaveUp = due - count > rate * HOPELESS_S;
    if (gaveUp) break;
    while (count < due) {
      publish(stampedText(Math.round(beganAt + (count / rate) * 1e6)));
      count += 1;
    }
    await sleep(1);
  }
  // What was published last is still on its way out.
  await sleep(100);
  const { user, system } = process.cpuUsage(before);
  return { count, gaveUp, beganAt, processorMs: (user + system) / 1000 };
}

/** What is held, and not what is only left over. */
async function readMemory(): Promise<Memory> {
  for (let round = 0; round < 3; round += 1) {
    await globalThis.gc?.({ type: "major", execution: "async", flavor: "last-resort" });
    await sleep(300);
  }
  return { residentBytes: process.memoryUsage.rss() };
}
