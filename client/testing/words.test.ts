import { expect, test } from "vitest";
import { spokenWords, wordAccuracy } from "./words.ts";

test("case and punctuation are not words", () => {
  expect(spokenWords("Don’t you — I'd ask — see 12 trains?")).toEqual(
    "don't you i'd ask see 12 trains".split(" "),
  );
  expect(wordAccuracy("Good morning, everyone!", "good morning everyone").accuracy).toBe(1);
});

test("a word replaced, left out or put in is one error each", () => {
  expect(wordAccuracy("a b c d", "a x c d").errors).toBe(1);
  expect(wordAccuracy("a b c d", "a c d").errors).toBe(1);
  expect(wordAccuracy("a b c d", "a b c c d").errors).toBe(1);
  expect(wordAccuracy("a b c d", "b c d e")).toEqual({ errors: 2, words: 4, accuracy: 0.5 });
});

test("nothing recognised, and more nonsense than was said, are both no accuracy at all", () => {
  expect(wordAccuracy("a b", "").accuracy).toBe(0);
  expect(wordAccuracy("a b", "x y z x y z").accuracy).toBe(0);
  expect(wordAccuracy("", "x").accuracy).toBe(0);
});
