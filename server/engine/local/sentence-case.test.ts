import { describe, expect, it } from "vitest";
import { readable } from "./hypothesis.ts";
import { sentenceCase } from "./sentence-case.ts";

describe("sentence case", () => {
  it.each([
    ["good morning everyone", "Good morning everyone"],
    ["yes i think i'm late and i'll call", "Yes I think I'm late and I'll call"],
    ["before friday or in december", "Before Friday or in December"],
    ["monday's train to london", "Monday's train to London"],
    ["she speaks french in new york", "She speaks French in New York"],
    ["a new house in the united kingdom", "A new house in the United Kingdom"],
    ["it may rain in may", "It may rain in May"],
    ["they march on the first of march", "They march on the first of March"],
    ["my tv is new", "My TV is new"],
    ["", ""],
  ])("writes «%s» as «%s»", (heard, written) => {
    expect(sentenceCase(heard)).toBe(written);
  });

  it("invents no punctuation and changes no letter", () => {
    const text = "where is john's house i don't know";
    expect(sentenceCase(text).toLowerCase()).toBe(text);
  });
});

describe("a readable hypothesis", () => {
  it.each([
    ["<s> the(2) house <sil> is [NOISE] red ++breath++ </s>", "The house is red"],
    ["[SPEECH]", ""],
    ["plan b. is better", "Plan B is better"],
    ["a. and b.'s", "A and B's"],
  ])("makes of «%s» «%s»", (hypothesis, text) => {
    expect(readable(hypothesis)).toBe(text);
  });
});
