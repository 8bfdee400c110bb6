import { describe, expect, it } from "vitest";
import type { CaptionEvent } from "../../shared/call.ts";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import type { Clause } from "../interpreter/speech.ts";
import { SpeakerCaptions } from "./captions.ts";

function openCaptions() {
  const recorded: CaptionEvent[] = [];
  const captions = new SpeakerCaptions({
    bus: new EmbeddedBus(),
    roomId: "kitchen",
    speaker: () => ({ accountId: "ann", name: "Ann" }),
    language: "en",
    record: (_roomId, event) => recorded.push(event),
  });
  const translated = (index: number, text: string, last = false, error?: unknown) => {
    const common = { utteranceId: "1", language: "en", endedAt: 0 };
    const clause: Clause = { ...common, index, text, last };
    captions.translated({ clause, to: "es", text, error });
  };
  const kept = () => recorded.filter(({ type }) => type === "translation");
  return { captions, recorded, translated, kept };
}

describe("what is kept of a speaker", () => {
  it("are translations of whole utterances, clause by clause", () => {
    const { translated, kept } = openCaptions();
    translated(0, "uno");
    translated(1, "dos", true);
    expect(kept().at(-1)).toMatchObject({ text: "uno dos", final: true });
  });

  it("is no translation for which somebody came in the middle, or that failed in part", () => {
    for (const clauses of [
      [1, 2],
      [0, 1],
    ]) {
      const { translated, kept } = openCaptions();
      translated(clauses[0] ?? 0, "uno", false, clauses[0] === 0 ? new Error("no") : undefined);
      translated(clauses[1] ?? 1, "dos", true);
      expect(kept().filter((event) => event.type === "translation" && event.final)).toEqual([]);
    }
  });

  it("is no translation that ends before the speaker does, but what was said, marked as cut", () => {
    const { captions, recorded, translated, kept } = openCaptions();
    const part = { utteranceId: "1", startedAt: 0, stable: "one", unstable: "two" };
    captions.committed({ type: "partial", ...part });
    translated(0, "uno");
    captions.end();
    expect(kept().filter((event) => event.type === "translation" && event.final)).toEqual([]);
    expect(recorded).toContainEqual(
      expect.objectContaining({ type: "final", text: "one two", cut: true }),
    );
  });
});
