import { expect, it } from "vitest";
import { glossarySchema, ROOM_LIMITS } from "./room.ts";

it("a glossary has so many terms at most, and more aren't looked at one by one", () => {
  const glossary = (term: object, length: number) => [
    { from: "en", to: "es", terms: Array.from({ length }, () => term) },
  ];
  const term = { term: "mole", translation: "mole" };
  expect(glossarySchema.safeParse(glossary(term, ROOM_LIMITS.glossaryTerms)).success).toBe(true);
  const { error } = glossarySchema.safeParse(glossary({}, ROOM_LIMITS.glossaryTerms + 1));
  expect(error?.issues).toHaveLength(1);
});
