import { expect, test } from "vitest";
import { percentile, summarise } from "./statistics.ts";

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test("a percentile is one of the values, by nearest rank", () => {
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 0.95)).toBe(95);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
});

test("nothing measured has no summary", () => {
  expect(summarise([])).toBeUndefined();
  expect(summarise(hundred)).toEqual({ count: 100, median: 50, p95: 95, max: 100 });
});
