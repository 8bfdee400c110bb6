import { expect } from "vitest";
import { EngineError, type EngineErrorCode } from "../../interpreter/engines.ts";

/** Fails unless `work` rejects with an EngineError of this code. */
export async function expectEngineError(
  work: Promise<unknown>,
  code: EngineErrorCode,
): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  expect(error).toMatchObject({ code });
}

/** Reads a stream to its end. */
export async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** What people and programs write that a careless engine takes for more than text. */
export const oddTexts = [
  "<b>house</b>",
  "^house<n><sg>$ ^$/\\[]{}@",
  "[[t:b:1]]house[[/]]",
  "house 😀 👩‍👩‍👧 \u{1F1EA}\u{1F1F8}",
  "house\nhouse\r\n\thouse",
  "house\0house",
  "\0",
  "\u202Ehouse\u202C \u200B",
  "\uD800house",
  "<speak><break time='100s'/></speak>",
  "house".repeat(200),
  "'; rm -rf / #`$(id)`",
  "…—«»",
];
