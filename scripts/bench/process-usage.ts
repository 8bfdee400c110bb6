import { readdir, readFile } from "node:fs/promises";

/** What Linux counts processor time in: USER_HZ, 100 a second on every platform that Node runs on. */
const TICK_MS = 10;

/** Processor time in ms since each began. */
export type ProcessUsage = {
  at: number;
  /** Of a server's own process, by the name of the thread; threads of one name together. */
  threads: ReadonlyMap<string, number>;
  /** Of the processes it started, by program; those of one program together. */
  children: ReadonlyMap<string, number>;
};

/** Reads what a server and the processes it started have used. Linux only. */
export async function readProcessUsage(pid: number): Promise<ProcessUsage> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const threads = await Promise.all(
    tasks.map((task) => readStat(`/proc/${pid}/task/${task}/stat`)),
  );
  const children = await Promise.all(
    (await descendants(pid)).map((child) => readStat(`/proc/${child}/stat`)),
  );
  return { at: performance.now(), threads: sumByName(threads), children: sumByName(children) };
}

/** Cores in use between two readings, by name: 0.05 is 5 % of one core. */
export function coresUsed(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  elapsedMs: number,
): Map<string, number> {
  return new Map(
    Array.from(after, ([name, used]) => [name, (used - (before.get(name) ?? 0)) / elapsedMs]),
  );
}

type Stat = { name: string; used: number };

/** Undefined for what has ended meanwhile. */
async function readStat(path: string): Promise<Stat | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // The name is in brackets and may hold anything, brackets too.
  const [open, close] = [text.indexOf("("), text.lastIndexOf(")")];
  const fields = text.slice(close + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { name: text.slice(open + 1, close), used: ticks * TICK_MS };
}

async function descendants(pid: number): Promise<number[]> {
  const all: number[] = [];
  for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const path = `/proc/${pid}/task/${task}/children`;
    const children = (await readFile(path, "utf8").catch(() => "")).trim();
    for (const child of children.split(" ").filter(Boolean).map(Number)) {
      all.push(child, ...(await descendants(child)));
    }
  }
  return all;
}

function sumByName(stats: readonly (Stat | undefined)[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const stat of stats) {
    if (stat) sums.set(stat.name, (sums.get(stat.name) ?? 0) + stat.used);
  }
  return sums;
}
