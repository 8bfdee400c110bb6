import { expect, test } from "vitest";
import { Branches } from "./branches.ts";
import { eventually } from "../../shared/testing/eventually.ts";

function setUp(run?: (language: string, item: number) => void, restartMs = 0) {
  const seen: string[] = [];
  const failures: string[] = [];
  const stop = new AbortController();
  const branches = new Branches<number>({
    async run(language, items, signal) {
      seen.push(`+${language}`);
      for await (const item of items) {
        run?.(language, item);
        seen.push(`${language}${item}`);
      }
      seen.push(signal.aborted ? `!${language}` : `-${language}`);
    },
    onFailed: (language) => failures.push(language),
    signal: stop.signal,
    restartMs,
  });
  return { branches, seen, failures, stop };
}

test("every wanted language has one branch, and each gets every item from its start on", async () => {
  const { branches, seen } = setUp();
  branches.want(["es"]);
  branches.push(1);
  branches.want(["es", "fr"]);
  branches.want(["fr", "es"]);
  branches.push(2);
  await branches.end();
  expect(seen.filter((entry) => entry.includes("es"))).toEqual(["+es", "es1", "es2", "-es"]);
  expect(seen.filter((entry) => entry.includes("fr"))).toEqual(["+fr", "fr2", "-fr"]);
});

test("a branch that nobody wants any more is stopped", async () => {
  const { branches, seen } = setUp();
  branches.want(["es", "fr"]);
  branches.want(["fr"]);
  branches.push(1);
  await eventually(() => expect(seen).toContain("!es"));
  expect(branches.languages).toEqual(["fr"]);
  expect(seen).not.toContain("es1");
  await branches.close();
});

test("a branch that fails is told of, leaves the others alone, and starts again", async () => {
  const { branches, seen, failures } = setUp((language, item) => {
    if (language === "es" && item === 1) throw new Error("no");
  });
  branches.want(["es", "fr"]);
  branches.push(1);
  await eventually(() => expect(failures).toEqual(["es"]));
  branches.push(2);
  await branches.end();
  expect(seen).toEqual(expect.arrayContaining(["fr1", "fr2", "es2"]));
});

test("a branch that fails each time isn't started each time", async () => {
  const { branches, failures } = setUp(() => {
    throw new Error("no");
  }, 60_000);
  branches.want(["es"]);
  branches.push(1);
  await eventually(() => expect(failures).toHaveLength(1));
  branches.push(2);
  branches.push(3);
  await branches.end();
  expect(failures).toHaveLength(1);
});

test("closing and aborting stop all", async () => {
  const one = setUp();
  one.branches.want(["es"]);
  await one.branches.close();
  await one.branches.close();
  one.branches.want(["fr"]);
  expect(one.seen).toEqual(["+es", "!es"]);
  const other = setUp();
  other.branches.want(["es"]);
  other.stop.abort();
  await other.branches.close();
  expect(other.seen).toEqual(["+es", "!es"]);
});
