import { expect, test } from "vitest";
import { EngineError, type Recogniser } from "./engines.ts";
import { openSession } from "./open-session.ts";
import { fakeSession } from "./testing/fakes.ts";

const { session } = fakeSession(() => {
  throw new Error("nobody speaks");
});

/** What a recogniser was asked, and what it is to answer. */
function asked(answer: () => Promise<typeof session>) {
  const signals: AbortSignal[] = [];
  const open: Recogniser["open"] = ({ signal }) => {
    signals.push(signal);
    return answer();
  };
  return { recogniser: { open }, signals };
}
const never = () => new Promise<typeof session>(() => undefined);

test("a session outlives its opening, and ends with the signal", async () => {
  const { recogniser, signals } = asked(() => Promise.resolve(session));
  const stop = new AbortController();
  const options = { language: "en", signal: stop.signal, timeoutMs: 5 };
  expect(await openSession(recogniser, options)).toBe(session);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(signals[0]?.aborted).toBe(false);
  stop.abort();
  expect(signals[0]?.aborted).toBe(true);
});

test("a recogniser that never gets ready is given up, and told so", async () => {
  const { recogniser, signals } = asked(never);
  const { signal } = new AbortController();
  const opening = openSession(recogniser, { language: "en", signal, timeoutMs: 20 });
  await expect(opening).rejects.toMatchObject({ code: "timeout" });
  expect(signals[0]?.reason).toBeInstanceOf(EngineError);
});

test("an abort ends the waiting, whatever the recogniser does", async () => {
  const { recogniser, signals } = asked(never);
  const stop = new AbortController();
  const opening = openSession(recogniser, { language: "en", signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(opening).rejects.toThrow("enough");
  expect(signals[0]?.aborted).toBe(true);
  await expect(openSession(recogniser, { language: "en", signal: stop.signal })).rejects.toThrow();
  expect(signals).toHaveLength(1);
});
