import { expect, it } from "vitest";
import { Turns } from "./turns.ts";

const [one, two, three] = ["one ", "two ", "three "].map((text) => Buffer.from(text));
const frames = (...wanted: (Buffer | undefined)[]) => wanted.filter((frame) => frame !== undefined);

it("joins frames once for all who have the same ones, and gives nobody another one's", async () => {
  const turns = new Turns();
  const joined = turns.gather(frames(one, two));
  expect(turns.gather(frames(one, two))).toBe(joined);
  const others = [frames(one, three), frames(one, two, three), frames(one), frames(one, two)];
  expect(others.map((wanted) => turns.gather(wanted).toString())).toEqual([
    "one three ",
    "one two three ",
    "one ",
    "one two ",
  ]);
});

it("keeps nothing of a turn that is over", async () => {
  const turns = new Turns();
  let last: Buffer | undefined;
  await new Promise<void>((resolve) => {
    turns.next({
      turn() {
        last = turns.gather(frames(one, two));
        resolve();
      },
    });
  });
  expect(turns.gather(frames(one, two))).not.toBe(last);
});
