import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runLogged } from "./logged-command.mjs";
import { Progress } from "./progress.mjs";
import { NeedsHand, runSteps, SetUpFailed, type Step, type StepTools } from "./steps.mjs";

let logs: string;
let shown: string;
let ran: string[];
const progress = new Progress({ write: (text) => (shown += text) });

beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), "steps-"));
  shown = "";
  ran = [];
});
afterEach(() => rmSync(logs, { recursive: true }));

function step(name: string, details: Partial<Step> = {}): Step {
  return {
    name,
    after: [],
    isDone: () => false,
    remedy: "turn it off and on.",
    run: async () => void ran.push(name),
    ...details,
  };
}

const run = (steps: Step[], signal = new AbortController().signal) =>
  runSteps(steps, { progress, logs, signal });

const shell = (script: string) => async (tools: StepTools) => {
  await runLogged("sh", ["-c", script], tools);
};

test("a step that is done is skipped, and those after it run", async () => {
  await run([step("first", { isDone: () => true }), step("second", { after: ["first"] })]);
  expect(ran).toEqual(["second"]);
  expect(shown).toMatch(/ok second, \d+\.\d s/);
  expect(shown).not.toContain("first");
});

test("a step waits for those it names, others run meanwhile", async () => {
  const slow = step("slow", {
    run: async () => {
      await expect.poll(() => ran).toContain("beside");
      ran.push("slow");
    },
  });
  await run([slow, step("beside"), step("after", { after: ["slow"] })]);
  expect(ran).toEqual(["beside", "slow", "after"]);
});

test("a required step that fails says what failed, shows its last lines and what to do", async () => {
  const failing = step("the kettle", { run: shell("echo cold; echo no power >&2; exit 3") });
  const error = await run([failing, step("tea", { after: ["the kettle"] })]).catch((e) => e);
  expect(error).toBeInstanceOf(SetUpFailed);
  expect(error.message).toContain('"the kettle" failed');
  expect(error.message).toContain("ended with code 3");
  expect(error.message).toContain("no power");
  expect(error.message).toContain("What to do: turn it off and on.");
  expect(error.message).toContain(join(logs, "the-kettle.log"));
  expect(readFileSync(join(logs, "the-kettle.log"), "utf8")).toContain("cold");
  expect(ran).toEqual([]);
});

test("a program that isn't there is named", async () => {
  const failing = step("kettle", {
    run: async (tools) => void (await runLogged("no-such-program", [], tools)),
  });
  await expect(run([failing])).rejects.toThrow(/no-such-program` could not be run/);
});

test("a step that can be done without tells what is missing, and the others go on", async () => {
  const failing = step("milk", {
    without: "tea is black",
    run: async () => {
      throw new NeedsHand("the shop is closed", "buy some:\nmilk 1 l");
    },
  });
  await run([failing, step("tea", { after: ["milk"] })]);
  expect(shown).toContain("the shop is closed");
  expect(shown).toContain("What to do: buy some:\n    milk 1 l");
  expect(shown).toContain("Going on without it: tea is black.");
  expect(ran).toEqual(["tea"]);
});

test("a required step that fails ends the commands of the others", async () => {
  const long = step("long", { run: shell("sleep 60 & wait") });
  const failing = step("short", { run: shell("sleep 0.2; exit 1") });
  const since = Date.now();
  await expect(run([long, failing])).rejects.toThrow('"short" failed');
  expect(Date.now() - since).toBeLessThan(10_000);
  expect(shown).toMatch(/!! long, .*interrupted/);
});

test("an interruption ends the set-up", async () => {
  const controller = new AbortController();
  const running = run([step("long", { run: shell("sleep 60") })], controller.signal);
  await sleep(50);
  controller.abort();
  await expect(running).rejects.toThrow();
});
