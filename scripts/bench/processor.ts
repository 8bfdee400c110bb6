import { coresUsed, type ProcessUsage } from "./process-usage.ts";

/** Cores in use while people spoke: 0.05 is 5 % of one core. */
export type Processor = {
  /** The recogniser's threads. */
  recogniser: number;
  /** All else in the server's own process: sockets, voice activity, Opus, synthesiser. */
  server: number;
  /** Translators, which are processes of their own. */
  translator: number;
  /** The media worker. */
  sfu: number;
};

/** Cores in use by each thread and child that used any to speak of, by name. */
export function coresByName(before: ProcessUsage, after: ProcessUsage): Record<string, number> {
  const elapsed = after.at - before.at;
  const all = [
    ...coresUsed(before.threads, after.threads, elapsed),
    ...coresUsed(before.children, after.children, elapsed),
  ];
  return Object.fromEntries(all.filter(([, used]) => used >= 0.001));
}

export function processorBetween(before: ProcessUsage, after: ProcessUsage): Processor {
  const elapsed = after.at - before.at;
  const threads = coresUsed(before.threads, after.threads, elapsed);
  const children = coresUsed(before.children, after.children, elapsed);
  const sum = (cores: ReadonlyMap<string, number>, kept: (name: string) => boolean) =>
    Array.from(cores)
      .filter(([name]) => kept(name))
      .reduce((total, [, used]) => total + Math.max(0, used), 0);
  const isRecogniser = (name: string) => name.startsWith("recogniser");
  const isSfu = (name: string) => name.startsWith("mediasoup");
  return {
    recogniser: sum(threads, isRecogniser),
    server: sum(threads, (name) => !isRecogniser(name)),
    translator: sum(children, (name) => !isSfu(name)),
    sfu: sum(children, isSfu),
  };
}

export function perSpeaker(processor: Processor, speakers: number): Processor {
  const { recogniser, server, translator, sfu } = processor;
  return {
    recogniser: recogniser / speakers,
    server: server / speakers,
    translator: translator / speakers,
    sfu: sfu / speakers,
  };
}
