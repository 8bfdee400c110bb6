import { spawn } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import { coresUsed, readProcessUsage } from "./process-usage.ts";

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

test("the time that a process, its threads and its children use is told apart", async () => {
  const busy = "const end = Date.now() + 400; while (Date.now() < end);";
  const program = `
    const { Worker } = require("node:worker_threads");
    new Worker(${JSON.stringify(busy + "setInterval(() => {}, 1000)")}, { eval: true, name: "worker" });
    require("node:child_process").spawn("sleep", ["30"]);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ["-e", program]);
  closers.push(() => child.kill());
  const pid = child.pid ?? 0;
  await vi.waitFor(
    async () => {
      const usage = await readProcessUsage(pid);
      expect(usage.threads.get("worker")).toBeGreaterThan(200);
      expect(usage.children.get("sleep")).toBeLessThan(100);
    },
    { timeout: 5000 },
  );
});

test("cores are what was used over the time between, and what is new counts from nothing", () => {
  const cores = coresUsed(
    new Map([["a", 100]]),
    new Map([
      ["a", 150],
      ["b", 20],
    ]),
    1000,
  );
  expect(cores).toEqual(
    new Map([
      ["a", 0.05],
      ["b", 0.02],
    ]),
  );
});
