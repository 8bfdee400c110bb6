import { describe, expect, test } from "vitest";
import { createSpeechLength, rateFor, whatToDo } from "./keeping-up.ts";
import { speakPolicy } from "./policy.ts";

test.each([
  [0, 1],
  [1_000, 1],
  [3_000, 1.18],
  [5_000, 1.35],
  [60_000, 1.35],
])("with %i ms to say the voice is %f times as fast", (backlogMs, rate) => {
  expect(rateFor(backlogMs, speakPolicy)).toBeCloseTo(rate, 1);
});

describe("a clause is left out", () => {
  test.each([
    [7_900, false, "say"],
    [8_100, false, "skip"],
    [8_100, true, "say"],
    [9_900, true, "say"],
    [10_100, true, "skip"],
  ] as const)("%i ms behind, newest: %s -> %s", (behindMs, newest, expected) => {
    expect(whatToDo({ behindMs, newest }, speakPolicy)).toBe(expected);
  });
});

test("the length of speech is learnt from what was spoken", () => {
  const length = createSpeechLength("en");
  expect(length.estimate("x".repeat(100))).toBe(7_000);
  for (let count = 0; count < 50; count += 1) length.learn("x".repeat(50), 5_000);
  expect(length.estimate("x".repeat(100))).toBeCloseTo(10_000, -2);
});
