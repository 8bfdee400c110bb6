import { describe, expect, it, vi } from "vitest";
import type { RoomEvent } from "../../shared/room.ts";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import { loudnessActivity } from "../interpreter/testing/fakes.ts";
import { AppError } from "../kit/errors.ts";
import { silentLog } from "../kit/log.ts";
import { openMedia } from "../media/testing/open-media.ts";
import { Calls } from "./calls.ts";
import { captionTopic } from "./captions.ts";
import { eventually } from "../../shared/testing/eventually.ts";

/** Calls with real media, in rooms that everyone is a member of. */
async function openCalls() {
  const media = await openMedia();
  const bus = new EmbeddedBus();
  const memberships = new Set<AbortSignal>();
  /** Whose membership ends while they join. */
  const removed = new Set<string>();
  const told: RoomEvent[] = [];
  /** Who may not speak. */
  const silent = new Set<string>();
  /** Since when those are members who have been before. */
  const cameAt = new Map<string, number>();
  const calls = new Calls({
    media,
    engines: {
      status: () => [],
      recogniserFor: () => undefined,
      translatorFor: () => undefined,
      synthesiserFor: () => undefined,
      close: () => Promise.resolve(),
    },
    voiceActivity: { open: loudnessActivity, close: () => Promise.resolve() },
    iceServers: [],
    bus,
    log: silentLog,
    membership: (_roomId, accountId, _procedure, signal) => {
      if (removed.has(accountId)) return Promise.resolve(AbortSignal.abort());
      memberships.add(signal);
      signal.addEventListener("abort", () => memberships.delete(signal));
      return Promise.resolve(signal);
    },
    resumption: (_roomId, accountId, lastEventId) =>
      Promise.resolve({ lastEventId, since: cameAt.get(accountId) }),
    requireSpeaker: (_roomId, accountId) =>
      silent.has(accountId)
        ? Promise.reject(new AppError("MUTED_BY_MODERATOR", "You were muted."))
        : Promise.resolve(),
    account: (accountId) => Promise.resolve({ name: accountId, language: "en" }),
    publish: (_roomId, event) => void told.push(event),
    record: () => {},
    settings: () => Promise.resolve({ glossary: [] }),
  });
  const join = async (accountId: string, roomId = "room") => {
    const caller = { accountId, sessionId: `of ${accountId}`, guest: true };
    const { peerId } = await calls.join(caller, { roomId });
    return calls.find(accountId, peerId);
  };
  return { calls, media, memberships, removed, join, silent, told, cameAt, bus };
}

describe("joining a call", () => {
  it("opens the room anew when the last one in it leaves at the same moment", async () => {
    const { media, join } = await openCalls();
    const { peer: last } = await join("ann");
    const openRoom = media.openRoom.bind(media);
    vi.spyOn(media, "openRoom").mockImplementationOnce((roomId) => {
      const opening = openRoom(roomId);
      void opening.then(() => last.close("left"));
      return opening;
    });
    const { room } = await join("bea");
    expect(room.media.closed).toBe(false);
    await room.media.createTransport();
    expect((await join("chloe")).room).toBe(room);
  });

  it("is refused while the server closes, also when it was on its way", async () => {
    const { calls, media, join, memberships } = await openCalls();
    const closing = { reason: "SERVER_CLOSING" };
    const joining = expect(join("ann")).rejects.toMatchObject(closing);
    calls.close();
    await joining;
    await expect(join("bea")).rejects.toMatchObject(closing);
    expect(memberships.size).toBe(0);
    expect(media.roomsPerWorker).toEqual([0]);
  });

  it("is limited for one account in all rooms together", async () => {
    const { calls, media, join, memberships } = await openCalls();
    const { signal } = new AbortController();
    for (let count = 0; count < 8; count += 1) {
      const { peer } = await join("ann", `room ${count % 4}`);
      void peer.events(signal).next();
    }
    await expect(join("ann", "another")).rejects.toMatchObject({ reason: "TRANSPORT_LIMIT" });
    expect(media.roomsPerWorker).toEqual([4]);
    expect(memberships.size).toBe(8);
    await join("bea", "another");
    calls.close();
    expect(media.roomsPerWorker).toEqual([0]);
  });

  it("leads nowhere for who was sent out meanwhile", async () => {
    const { media, join, removed } = await openCalls();
    removed.add("ann");
    await expect(join("ann")).rejects.toMatchObject({ reason: "PEER_NOT_FOUND" });
    expect(media.roomsPerWorker).toEqual([0]);
  });

  it("and leaving leaves nothing behind, however many do it at once", async () => {
    const { media, memberships, join } = await openCalls();
    const people = Array.from({ length: 200 }, (_, index) => `person ${index}`);
    await Promise.all(
      people.map(async (person, index) => {
        const { peer, room } = await join(person, `room ${index % 5}`);
        const transport = peer.createTransport("send", () => room.media.createTransport());
        if (index % 2 === 0) await transport;
        peer.close("left");
        await transport.catch(() => {});
      }),
    );
    expect(memberships.size).toBe(0);
    expect(media.roomsPerWorker).toEqual([0]);
  });
});

describe("a transport", () => {
  it("that was on its way when its peer left is closed", async () => {
    const { join } = await openCalls();
    await join("bea");
    const { peer, room } = await join("ann");
    const transport = await room.media.createTransport();
    const creating = peer.createTransport("send", () => {
      peer.close("left");
      return Promise.resolve(transport);
    });
    await expect(creating).rejects.toMatchObject({ reason: "PEER_NOT_FOUND" });
    await expect(transport.restartIce()).rejects.toMatchObject({ reason: "TRANSPORT_NOT_FOUND" });
  });

  it("goes in its own direction alone", async () => {
    const { join } = await openCalls();
    const { peer, room } = await join("ann");
    const { id } = await peer.createTransport("receive", () => room.media.createTransport());
    expect(peer.transport(id, "receive").id).toBe(id);
    expect(() => peer.transport(id, "send")).toThrow("no such transport");
  });
});

const rtpParameters = {
  mid: "0",
  codecs: [{ mimeType: "audio/opus", payloadType: 111, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc: 1 }],
};

it("tells everyone whether a microphone that opens is muted", async () => {
  const { calls, join, told } = await openCalls();
  const { peer, room } = await join("ann");
  const transport = await peer.createTransport("send", () => room.media.createTransport());
  const open = () => calls.openMicrophone(peer, room, () => transport.produce(rtpParameters));
  await open();
  await calls.setMuted(peer, room, true);
  room.closeMicrophone(peer);
  // There is no microphone that could be muted or not.
  await calls.setMuted(peer, room, false);
  await open();
  const muted = told.flatMap((event) => (event.type === "muted" ? [event.muted] : []));
  expect(muted).toEqual([false, true, false]);
});

describe("who may not speak", () => {
  const refused = { reason: "MUTED_BY_MODERATOR" };
  /** As mediasoup knows it. */
  const isPaused = (microphone: object | undefined) =>
    microphone && "paused" in microphone && microphone.paused;

  async function speak() {
    const { calls, join, silent } = await openCalls();
    const { peer, room } = await join("ann");
    const transport = await peer.createTransport("send", () => room.media.createTransport());
    const produced: Awaited<ReturnType<typeof transport.produce>>[] = [];
    const open = () =>
      calls.openMicrophone(peer, room, async () => {
        const microphone = await transport.produce(rtpParameters);
        produced.push(microphone);
        return microphone;
      });
    return { calls, peer, room, silent, produced, open };
  }

  it("can open no microphone", async () => {
    const { silent, produced, open } = await speak();
    silent.add("ann");
    await expect(open()).rejects.toMatchObject(refused);
    expect(produced).toEqual([]);
  });

  it("is muted at the SFU, whatever the client does, until they may speak again", async () => {
    const { calls, peer, room, silent, produced, open } = await speak();
    await open();
    expect(isPaused(produced[0])).toBe(false);
    silent.add("ann");
    calls.checkSpeakers({ roomId: "another" });
    calls.checkSpeakers({ roomId: "room", accountId: "bea" });
    calls.checkSpeakers({ roomId: "room", accountId: "ann" });
    await eventually(() => expect(isPaused(produced[0])).toBe(true));
    expect(peer.muted).toBe(true);
    await expect(calls.setMuted(peer, room, false)).rejects.toMatchObject(refused);
    expect(isPaused(produced[0])).toBe(true);
    silent.delete("ann");
    await calls.setMuted(peer, room, false);
    expect(isPaused(produced[0])).toBe(false);
  });

  it("is muted when the right goes while the microphone opens", async () => {
    const { calls, peer, room, silent } = await speak();
    const transport = await peer.createTransport("receive", () => room.media.createTransport());
    const microphone = await transport.produce(rtpParameters);
    await calls.openMicrophone(peer, room, () => {
      silent.add("ann");
      return Promise.resolve(microphone);
    });
    expect(isPaused(microphone)).toBe(true);
  });

  it("is muted when the right goes while the microphone is unmuted", async () => {
    const { calls, peer, room, silent, produced, open } = await speak();
    await open();
    await calls.setMuted(peer, room, true);
    const unmuting = calls.setMuted(peer, room, false);
    silent.add("ann");
    await unmuting;
    expect(isPaused(produced[0])).toBe(true);
  });

  it("leaves alone others, and who may", async () => {
    const { calls, produced, silent, open } = await speak();
    await open();
    silent.add("bea");
    calls.checkSpeakers();
    await calls.join({ accountId: "bea", sessionId: "of bea", guest: true }, { roomId: "room" });
    expect(isPaused(produced[0])).toBe(false);
  });
});

it("goes on with captions after a cut, but not with what was said while somebody was out", async () => {
  const { calls, bus, cameAt } = await openCalls();
  const goOn = async (accountId: string, lastEventId?: string) => {
    const input = { roomId: "room", read: null, lastEventId };
    const { value } = await calls.captions(accountId, input, AbortSignal.timeout(30_000)).next();
    return value;
  };
  const before = await goOn("ann");
  expect(before?.event).toEqual({ type: "ready" });
  const speaker = { accountId: "cleo", name: "Cleo" };
  const removal = { type: "removal", utteranceId: "secret", speaker } as const;
  bus.publish(captionTopic, "room", removal);
  cameAt.set("bea", Date.now() + 1);
  expect((await goOn("ann", before?.id))?.event).toEqual(removal);
  expect((await goOn("bea", before?.id))?.event).toEqual({ type: "ready" });
});

it("is read by one account in a few languages at once, and no more", async () => {
  const { calls } = await openCalls();
  const stop = new AbortController();
  const read = async (accountId: string, language: string | null, signal = stop.signal) =>
    (await calls.captions(accountId, { roomId: "room", read: language }, signal).next()).value;
  const ready = expect.objectContaining({ event: { type: "ready" } });
  const last = new AbortController();
  const languages = ["es", "fr", "ca", "pt", "it", "de", "nl"];
  for (const language of languages) expect(await read("ann", language)).toEqual(ready);
  expect(await read("ann", "sv", last.signal)).toEqual(ready);
  const refused = { reason: "TOO_MANY_REQUESTS" };
  await expect(read("ann", "da")).rejects.toMatchObject(refused);
  // What costs no translation of its own is nobody's trouble.
  expect(await read("ann", "es")).toEqual(ready);
  expect(await read("ann", null)).toEqual(ready);
  expect(await read("bea", "da")).toEqual(ready);
  last.abort();
  await eventually(async () => expect(await read("ann", "da")).toEqual(ready));
  stop.abort();
});

it("looks for what a reader hears only when a voice is told of, not for each partial", async () => {
  const { calls, bus, join } = await openCalls();
  const { room } = await join("ann");
  const hears = vi.spyOn(room, "hears");
  const stop = new AbortController();
  const events = calls.captions("ann", { roomId: "room", read: "es" }, stop.signal);
  const next = async () => (await events.next()).value?.event.type;
  expect(await next()).toBe("ready");
  const common = { utteranceId: "u", speaker: { accountId: "bea", name: "Bea" } };
  const startedAt = new Date().toISOString();
  const partial = { type: "partial", ...common, startedAt, stable: "", unstable: "hi" } as const;
  bus.publish(captionTopic, "room", { ...partial, language: "es" });
  expect(await next()).toBe("partial");
  expect(hears).not.toHaveBeenCalled();
  const voice = { type: "voice", ...common, lagMs: 100, rate: 1 } as const;
  bus.publish(captionTopic, "room", { ...voice, language: "fr" });
  bus.publish(captionTopic, "room", { ...voice, language: "en" });
  expect((await events.next()).value).toMatchObject({ event: { type: "voice", language: "en" } });
  expect(hears.mock.calls).toEqual([
    ["ann", "fr"],
    ["ann", "en"],
  ]);
  stop.abort();
});

describe("a voice that is consumed", () => {
  async function listen() {
    const { join } = await openCalls();
    const { peer, room } = await join("ann");
    const outlet = await room.media.openOutlet();
    const voice = { kind: "interpreter", language: "es", muted: false, accountId: "bea" } as const;
    peer.setVoices([{ ...voice, producerId: outlet.producerId }]);
    const create = () => room.media.createTransport();
    const { id } = await peer.createTransport("receive", create);
    const consume = () => peer.consume(id, outlet.producerId, room.media.rtpCapabilities);
    return { peer, outlet, consume };
  }

  it("comes once, whoever asks for it again", async () => {
    const { peer, consume } = await listen();
    const consumers = await Promise.all([consume(), consume(), consume()]);
    const known = consumers.filter(({ id }) => {
      try {
        return peer.consumer(id);
      } catch {
        return false;
      }
    });
    expect(known).toHaveLength(1);
    peer.close("left");
  });

  it("comes no more when it ends while it is on its way", async () => {
    const { peer, consume } = await listen();
    const consuming = consume();
    peer.setVoices([]);
    await expect(consuming).rejects.toMatchObject({ reason: "PRODUCER_NOT_FOUND" });
    peer.close("left");
  });

  it("is not found any more, and that is all, when it ends while it is being resumed", async () => {
    const { peer, outlet, consume } = await listen();
    const { id } = await consume();
    outlet.close();
    const resuming = peer.resumeConsumer(id);
    peer.setVoices([]);
    await expect(resuming).rejects.toMatchObject({ reason: "CONSUMER_NOT_FOUND" });
    peer.close("left");
  });
});
