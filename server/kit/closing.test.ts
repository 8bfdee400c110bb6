import { expect, it } from "vitest";
import { createClosing } from "./closing.ts";
import { silentLog } from "./log.ts";

it("closes in reverse, once, and past what fails or hangs", async () => {
  const closed: string[] = [];
  const closing = createClosing({ log: silentLog, limitMs: 50 });
  closing.add("first", () => void closed.push("first"));
  closing.add("hangs", () => new Promise<void>(() => closed.push("hangs")));
  closing.add("fails", () => {
    closed.push("fails");
    throw new Error("no");
  });
  closing.add("slow", async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    closed.push("slow");
  });
  await Promise.all([closing.close(), closing.close()]);
  expect(closed).toEqual(["slow", "fails", "hangs", "first"]);
});
