import { expect, it } from "vitest";
import { Slots } from "./slots.ts";

it("let so much run at once, and refuse what would wait too long", async () => {
  const slots = new Slots({ atOnce: 2, waiting: 1, tooMany: () => new Error("too much") });
  const open = [1, 2, 3].map(() => Promise.withResolvers<void>());
  let running = 0;
  let most = 0;
  const results = open.map(({ promise }) =>
    slots.run(async () => {
      running += 1;
      most = Math.max(most, running);
      await promise;
      running -= 1;
    }),
  );
  await expect(slots.run(() => Promise.resolve())).rejects.toThrow("too much");
  for (const { resolve } of open) resolve();
  await Promise.all(results);
  expect(most).toBe(2);
  await slots.run(() => Promise.resolve());
});

it("take turns among groups, however much one of them brings", async () => {
  const slots = new Slots({ atOnce: 1, waiting: 5, tooMany: () => new Error("too much") });
  const done: string[] = [];
  const run = (name: string, group: string) =>
    slots.run(() => Promise.resolve(void done.push(name)), group);
  const greedy = ["a1", "a2", "a3", "a4", "a5"].map((name) => run(name, "a"));
  await Promise.all([...greedy, run("b1", "b"), run("c1", "c"), run("b2", "b")]);
  expect(done).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4", "a5"]);
});
