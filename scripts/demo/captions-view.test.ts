import { expect, test } from "vitest";
import type { CaptionEvent } from "../../shared/call.ts";
import { createCaptionsView } from "./captions-view.ts";

const common = {
  utteranceId: "u",
  speaker: { accountId: "a", name: "Ann" },
  language: "en",
  startedAt: "2026-01-01T00:00:00.000Z",
};
const events: CaptionEvent[] = [
  { type: "partial", ...common, stable: "good", unstable: "morn" },
  { type: "partial", ...common, stable: "good morning", unstable: "" },
  { type: "final", ...common, endedAt: common.startedAt, text: "good morning", cut: false },
  { ...common, type: "translation", language: "es", text: "buenos días", final: true },
  { ...common, type: "voice", language: "es", lagMs: 640, rate: 1 },
];

function shown(isTTY: boolean): string {
  let text = "";
  const view = createCaptionsView({ isTTY, columns: 80, write: (more) => (text += more) });
  for (const event of events) view.show(event);
  view.end();
  return text;
}

test("a file gets what was said, translated and spoken, a line each", () => {
  expect(shown(false).split("\n")).toEqual([
    "   Ann  good morning",
    "    es  buenos días",
    "        spoken in es, 0.6 s behind",
    "",
  ]);
});

test("a terminal sees the words grow in one line, which the final replaces", () => {
  const lines = shown(true).split("\n");
  expect(lines[0]).toContain("good morn");
  expect(lines[0]?.endsWith("\r\u001B[2K   Ann  good morning")).toBe(true);
});
