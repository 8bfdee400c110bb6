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
