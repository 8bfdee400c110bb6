import { describe, expect, it } from "vitest";
import type { Voice } from "../../shared/call.ts";
import { ParleyError } from "./parley-error.ts";
import { VoiceReconciler } from "./voice-reconciler.ts";
import { eventually } from "../../shared/testing/eventually.ts";

function voice(producerId: string): Voice {
  return { producerId, accountId: "ann", kind: "original", language: "en", muted: false };
}

type Opening = { producerId: string; succeed: () => void; fail: (error: unknown) => void };

/** A reconciler whose openings the test finishes by hand. */
function setUp() {
  const openings: Opening[] = [];
  const playing: string[] = [];
  const errors: ParleyError[] = [];
  const reconciler = new VoiceReconciler<string>({
    open: ({ producerId }) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const succeed = () => {
        playing.push(producerId);
        resolve(producerId);
      };
      openings.push({ producerId, succeed, fail: reject });
      return promise;
    },
    close: (producerId) => playing.splice(playing.indexOf(producerId), 1),
    onError: (error) => errors.push(error),
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return { reconciler, openings, playing, errors, settled };
}

describe("reconciling voices", () => {
  it("opens what is new, closes what is gone and leaves the rest alone", async () => {
    const { reconciler, openings, playing, settled } = setUp();
    reconciler.set([voice("a"), voice("b")]);
    for (const { succeed } of openings) succeed();
    await settled();
    reconciler.set([voice("b"), voice("c")]);
    openings[2]?.succeed();
    await settled();
    expect(openings.map(({ producerId }) => producerId)).toEqual(["a", "b", "c"]);
    expect(playing).toEqual(["b", "c"]);
  });

  it("closes a voice that ended while it was being opened", async () => {
    const { reconciler, openings, playing, errors, settled } = setUp();
    reconciler.set([voice("a")]);
    reconciler.set([]);
    openings[0]?.succeed();
    await settled();
    expect(playing).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("opens a voice anew that came back before it was open, and plays it once", async () => {
    const { reconciler, openings, playing, settled } = setUp();
    reconciler.set([voice("a")]);
    reconciler.set([]);
    reconciler.set([voice("a")]);
    openings[1]?.succeed();
    openings[0]?.succeed();
    await settled();
    expect(playing).toEqual(["a"]);
  });

  it("is not troubled by a voice that is gone already", async () => {
    const { reconciler, openings, errors, settled } = setUp();
    reconciler.set([voice("a")]);
    openings[0]?.fail(new ParleyError("PRODUCER_NOT_FOUND", "The voice has ended."));
    await settled();
    reconciler.set([]);
    expect(errors).toEqual([]);
  });

  it("tries a voice again that could not be opened for the moment", async () => {
    const { reconciler, openings, playing, errors, settled } = setUp();
    reconciler.set([voice("a")]);
    openings[0]?.fail(new ParleyError("CONNECTION_LOST", "The server can't be reached."));
    await eventually(() => expect(openings).toHaveLength(2));
    openings[1]?.succeed();
    await settled();
    expect(playing).toEqual(["a"]);
    expect(errors).toEqual([]);
  });

  it("tells of a voice that can't be opened at all, and goes on with the others", async () => {
    const { reconciler, openings, playing, errors, settled } = setUp();
    reconciler.set([voice("a"), voice("b")]);
    openings[0]?.fail(new ParleyError("RTP_PARAMETERS_INVALID", "No Opus."));
    openings[1]?.succeed();
    await settled();
    expect(errors).toMatchObject([{ reason: "RTP_PARAMETERS_INVALID" }]);
    expect(playing).toEqual(["b"]);
  });

  it("closes everything", async () => {
    const { reconciler, openings, playing, settled } = setUp();
    reconciler.set([voice("a"), voice("b")]);
    openings[0]?.succeed();
    await settled();
    reconciler.close();
    openings[1]?.succeed();
    await settled();
    expect(playing).toEqual([]);
  });
});
