import { parseArgs } from "node:util";
import { apiBenchmark } from "./api.ts";
import type { Benchmark } from "./benchmark.ts";
import { fanoutBenchmark } from "./fanout.ts";
import { historyBenchmark } from "./history.ts";
import { liveBenchmark } from "./live.ts";
import { placeBenchmark } from "./place.ts";

const benchmarks: Readonly<Record<string, Benchmark>> = {
  live: liveBenchmark,
  fanout: fanoutBenchmark,
  place: placeBenchmark,
  api: apiBenchmark,
  history: historyBenchmark,
};

const usage = [
  "usage: npm run bench -- NAME [--json] [--quick]",
  ...Object.entries(benchmarks).map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`),
  "  --json   the last line is one JSON object",
  "  --quick  fewer sentences: a rough idea in a minute",
].join("\n");

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
    },
  });
  const [name = ""] = positionals;
  if (positionals.length !== 1 || !Object.hasOwn(benchmarks, name)) throw new Error(usage);
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  const result = await benchmarks[name]?.run({ print, quick: values.quick });
  if (values.json) print(JSON.stringify(result));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
