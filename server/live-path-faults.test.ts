import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { captionTopic } from "./call/captions.ts";
import type { Engines } from "./engine/engine-registry.ts";
import { createScriptedRecogniser } from "./engine/scripted/scripted-recogniser.ts";
import { EngineError, type Recogniser } from "./interpreter/engines.ts";
import { openBackdoor } from "./media/testing/backdoor.ts";
import { of, openScriptedCall, scripted } from "./testing/scripted-call.ts";
import { eventually } from "../shared/testing/eventually.ts";

const { recogniser, translator, synthesiser } = scripted;
type Call = Awaited<ReturnType<typeof openScriptedCall>>;

let media: Call["media"];
let bus: Call["bus"];
let signal: Call["signal"];
let openHum: Call["openHum"];

async function openCall(engines: Partial<Engines> = {}): Promise<Call> {
  const call = await openScriptedCall({ engines });
  ({ media, bus, signal, openHum } = call);
  return call;
}

describe("a microphone that is still opening", () => {
  it("is closed when its owner closes it, and nothing of it is heard or read", async () => {
    const { room, enter, captions } = await openCall();
    const ann = enter("ann");
    const bea = enter("bea", "es");
    const hum = await openHum();
    const opened = Promise.withResolvers<typeof hum>();
    const opening = room.openMicrophone(ann.peer, () => opened.promise);
    room.closeMicrophone(ann.peer);
    opened.resolve(hum);
    await expect(opening).rejects.toMatchObject({ reason: "PRODUCER_NOT_FOUND" });
    expect(hum.closed).toBe(true);
    const second = await openHum();
    await room.openMicrophone(ann.peer, () => Promise.resolve(second));
    await vi.waitFor(() => expect(of(captions, "partial")).not.toEqual([]), { timeout: 5000 });
    const producers = bea.voices().filter((voice) => voice.kind === "original");
    expect(producers.map((voice) => voice.producerId)).toEqual([second.id]);
    ann.peer.close("left");
  });

  it("goes with a peer that leaves, also while it is being muted", async () => {
    const { room, enter, captions } = await openCall();
    const ann = enter("ann");
    enter("bea");
    ann.peer.setMuted(true);
    const hum = await openHum();
    const paused = vi.spyOn(hum, "pause").mockImplementation(() => {
      ann.peer.close("left");
      return Promise.resolve();
    });
    const opening = room.openMicrophone(ann.peer, () => Promise.resolve(hum));
    await expect(opening).rejects.toMatchObject({ reason: "PEER_NOT_FOUND" });
    expect(paused).toHaveBeenCalledTimes(1);
    expect(hum.closed).toBe(true);
    expect(captions).toEqual([]);
  });

  it("is heard when it is unmuted before it is open", async () => {
    const { room, enter, captions } = await openCall();
    const ann = enter("ann");
    await room.setMuted(ann.peer, true);
    const hum = await openHum();
    const opening = room.openMicrophone(ann.peer, () => Promise.resolve(hum));
    await Promise.resolve();
    await room.setMuted(ann.peer, false);
    await opening;
    expect(hum.paused).toBe(false);
    await vi.waitFor(() => expect(of(captions, "partial")).not.toEqual([]), { timeout: 5000 });
    ann.peer.close("left");
  });

  it("can be opened again when muting it failed", async () => {
    const { room, enter } = await openCall();
    const ann = enter("ann");
    ann.peer.setMuted(true);
    const hum = await openHum();
    vi.spyOn(hum, "pause").mockRejectedValue(new Error("the worker is gone"));
    await expect(room.openMicrophone(ann.peer, () => Promise.resolve(hum))).rejects.toThrow();
    expect(hum.closed).toBe(true);
    const again = await openHum();
    expect(await room.openMicrophone(ann.peer, () => Promise.resolve(again))).toBe(again.id);
    ann.peer.close("left");
  });
});

describe("somebody who leaves in the middle of a sentence", () => {
  it("leaves it behind, marked as cut short", async () => {
    const { room, enter, captions } = await openCall();
    const ann = enter("ann");
    const hum = await openHum();
    await room.openMicrophone(ann.peer, () => Promise.resolve(hum));
    await vi.waitFor(() => expect(of(captions, "partial").length).toBeGreaterThan(1), {
      timeout: 5000,
    });
    ann.peer.close("left");
    await eventually(() => expect(of(captions, "final")).toHaveLength(1));
    const partial = of(captions, "partial").at(-1);
    expect(captions.at(-1)).toMatchObject({
      type: "final",
      utteranceId: partial?.utteranceId,
      cut: true,
      text: `${partial?.stable} ${partial?.unstable}`.trim(),
    });
  });

  it("falls silent in every language, also when their microphone was closed before", async () => {
    // Twelve seconds in the scripted voice.
    const script = ["good morning ".repeat(18).trim()];
    const talkative = createScriptedRecogniser({ languages: ["en"], script, repeat: true });
    const { room, enter, captions } = await openCall({ recognisers: [talkative] });
    const ann = enter("ann");
    const bea = enter("bea", "es");
    await room.openMicrophone(ann.peer, openHum);
    const last = () => of(captions, "partial").at(-1);
    await vi.waitFor(() => expect(last()?.unstable).toContain("morning"), { timeout: 5000 });
    room.closeMicrophone(ann.peer);
    await vi.waitFor(() => expect(of(captions, "voice")).not.toEqual([]), { timeout: 5000 });
    expect(bea.voices()).toMatchObject([{ kind: "interpreter", language: "es" }]);
    ann.peer.close("left");
    await vi.waitFor(() => expect(bea.voices()).toEqual([]), { timeout: 2000 });
  });

  it("takes the interpreter's voice along, even if the engine never gets ready", async () => {
    const never = () => new Promise<never>(() => {});
    const { room, enter } = await openCall({
      translators: [{ ...translator(), warm: never }],
      synthesisers: [{ ...synthesiser(), warm: never }],
    });
    const ann = enter("ann");
    const bea = enter("bea", "es");
    const hum = await openHum();
    await room.openMicrophone(ann.peer, () => Promise.resolve(hum));
    await eventually(() => expect(bea.voices()).toHaveLength(2));
    const interpreter = bea.voices().find((voice) => voice.kind === "interpreter");
    room.closeMicrophone(ann.peer);
    await vi.waitFor(() => expect(bea.voices()).toEqual([]), { timeout: 15_000 });
    await expect(openBackdoor(media).consume(interpreter?.producerId ?? "")).rejects.toThrow();
    ann.peer.close("left");
  });
});

describe("engines that fail in the middle of a call", () => {
  it("cost nothing when they only failed to get ready beforehand", async () => {
    const broken = () => Promise.reject(new EngineError("failed", "not yet"));
    const { room, enter, captions } = await openCall({
      translators: [{ ...translator(), warm: broken }],
      synthesisers: [{ ...synthesiser(), warm: broken }],
    });
    const ann = enter("ann");
    enter("bea", "es");
    const hum = await openHum();
    await room.openMicrophone(ann.peer, () => Promise.resolve(hum));
    await vi.waitFor(() => expect(of(captions, "partial")).not.toEqual([]), { timeout: 5000 });
    room.closeMicrophone(ann.peer);
    await vi.waitFor(() => expect(of(captions, "voice")).toHaveLength(1), { timeout: 5000 });
    expect(of(captions, "translation").at(-1)).toMatchObject({ language: "es", final: true });
    ann.peer.close("left");
  });

  it("are told of in the captions when no voice can be opened", async () => {
    const { room, enter, captions } = await openCall();
    vi.spyOn(media, "openOutlet").mockRejectedValue(new Error("no room for it"));
    const ann = enter("ann");
    enter("bea", "es");
    const hum = await openHum();
    await room.openMicrophone(ann.peer, () => Promise.resolve(hum));
    await eventually(() =>
      expect(of(captions, "notice")).toMatchObject([
        { notice: "synthesis-failed", language: "es" },
      ]),
    );
    ann.peer.close("left");
  });

  it("take no sound in any more when a recogniser refuses a speaker", async () => {
    const refusing = recogniser();
    refusing.open = () => Promise.reject(new EngineError("overloaded", "no decoder is free"));
    const { room, enter, captions } = await openCall({ recognisers: [refusing] });
    const openInlet = vi.spyOn(media, "openInlet");
    const ann = enter("ann");
    const hum = await openHum();
    await room.openMicrophone(ann.peer, () => Promise.resolve(hum));
    await eventually(() =>
      expect(of(captions, "notice")).toMatchObject([{ notice: "recogniser-unavailable" }]),
    );
    expect(openInlet.mock.calls[0]?.[1].signal.aborted).toBe(true);
    expect(hum.closed).toBe(false);
    ann.peer.close("left");
  });

  it("are tried again by themselves: a recogniser that refused once hears the speaker later", async () => {
    const working = recogniser();
    const open = vi
      .fn<Recogniser["open"]>((options) => working.open(options))
      .mockRejectedValueOnce(new EngineError("overloaded", "no decoder is free"));
    const refusing = { ...working, open };
    const { room, enter, captions } = await openCall({ recognisers: [refusing] });
    const ann = enter("ann");
    await room.openMicrophone(ann.peer, openHum);
    await eventually(() => expect(of(captions, "notice")).toHaveLength(1));
    await vi.waitFor(() => expect(of(captions, "partial")).not.toEqual([]), { timeout: 12_000 });
    expect(open).toHaveBeenCalledTimes(2);
    ann.peer.close("left");
  });
});

it("leaves nothing behind, however often somebody comes, speaks and goes", async () => {
  const { room, enter } = await openCall();
  const bea = enter("bea", "es");
  for (let round = 0; round < 50; round += 1) {
    const ann = enter(`ann ${round}`);
    await room.openMicrophone(ann.peer, openHum);
    // Some before there is a voice, and some with it.
    if (round % 2 === 0) await eventually(() => expect(bea.voices()).toHaveLength(2));
    if (round % 3 === 0) room.closeMicrophone(ann.peer);
    ann.peer.close("left");
  }
  await eventually(async () =>
    expect(await media.direct.dump()).toMatchObject({ producerIds: [], consumerIds: [] }),
  );
  await eventually(() => expect(bea.voices()).toEqual([]));
});

describe("captions of a lively room", () => {
  it("are not pushed out by notices, however often readers come and go", async () => {
    const { room, enter, captions } = await openCall({ recognisers: [] });
    const { position } = await bus.subscribe(captionTopic, "room", { signal });
    const ann = enter("ann");
    const hum = await openHum();
    await room.openMicrophone(ann.peer, () => Promise.resolve(hum));
    for (let count = 0; count < 3000; count += 1) room.readerCame();
    await delay(0);
    expect(of(captions, "notice").length).toBeGreaterThan(0);
    const resumed = await bus.subscribe(captionTopic, "room", { lastEventId: position, signal });
    expect(resumed.resumed).toBe(true);
    ann.peer.close("left");
  });
});
