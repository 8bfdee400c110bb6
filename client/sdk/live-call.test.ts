import { FakeMediaStreamTrack } from "fake-mediastreamtrack";
import { Device } from "mediasoup-client";
import * as fakeParameters from "mediasoup-client/fakeParameters";
import { FakeHandler } from "mediasoup-client/handlers/FakeHandler";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openCalls } from "../../server/open-calls.ts";
import { startTestServer, type TestServer } from "../../server/testing/test-server.ts";
import { TcpRelay } from "../testing/tcp-relay.ts";
import type { Call, CallOptions } from "./call.ts";
import { ServerConnection } from "./connection.ts";
import { joinCall } from "./live-call.ts";
import { ParleyError } from "./parley-error.ts";
import { Rooms } from "./room.ts";
import { eventually } from "../../shared/testing/eventually.ts";

/** The real server and the real signalling; only what a browser does with sound is made up. */
let server: TestServer;
let workerPids: () => number[];
let relay: TcpRelay;
let roomId: string;
const closes: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startTestServer({
    environment: { RTC_PORT: "0", RTC_WORKERS: "1" },
    openCalls: async (dependencies) => {
      const calls = await openCalls(dependencies);
      if ("unavailable" in calls) throw new Error(calls.unavailable);
      workerPids = () => calls.workerPids;
      return calls;
    },
  });
  const port = Number(new URL(server.url).port);
  relay = await TcpRelay.open({ host: "127.0.0.1", port });
});

afterEach(async () => {
  relay.restore();
  await Promise.all(closes.splice(0).map((close) => close()));
  await relay.close();
  await server.close();
});

class Person {
  readonly accountId: string;
  readonly connection: ServerConnection;
  readonly #rooms: Rooms;
  /** Tracks that are being played. */
  readonly playing = new Set<MediaStreamTrack>();
  readonly devices: Device[] = [];
  microphone: () => MediaStreamTrack = () => new FakeMediaStreamTrack({ kind: "audio" });

  constructor(accountId: string, connection: ServerConnection) {
    this.accountId = accountId;
    this.connection = connection;
    this.#rooms = new Rooms(connection.api);
  }

  async join(options: CallOptions = {}) {
    const call = await joinCall(
      {
        connection: this.connection,
        rooms: this.#rooms,
        createDevice: async () => {
          const handlerFactory = FakeHandler.createFactory(fakeParameters);
          const device = await Device.factory({ handlerFactory });
          this.devices.push(device);
          return device;
        },
        createSinks: () => ({
          open: (track) => {
            this.playing.add(track);
            return {
              setVolume: () => undefined,
              level: () => 0,
              play: async () => undefined,
              close: () => void this.playing.delete(track),
            };
          },
          close: () => undefined,
        }),
        capture: async () => ({ track: this.microphone(), owned: true }),
      },
      roomId,
      options,
    );
    closes.push(() => call.leave());
    return watch(call);
  }
}

function watch(call: Call) {
  const states: string[] = [];
  const errors: string[] = [];
  call.on("state", (state) => states.push(state));
  call.on("error", ({ reason }) => errors.push(reason));
  return { call, states, errors };
}

async function signIn(name: string, language: string): Promise<Person> {
  const { token, account } = await server.signIn(name, language);
  const connection = new ServerConnection({ url: `http://127.0.0.1:${relay.port}`, token });
  closes.push(() => connection.close());
  const person = new Person(account.id, connection);
  if (roomId) await connection.api.room.join.mutate({ roomId });
  return person;
}

/** Ann's room, with her and Bob in it. */
async function meet() {
  roomId = "";
  const ann = await signIn("Ann", "en");
  roomId = (await ann.connection.api.room.create.mutate({ name: "Kitchen" })).id;
  return { ann, bob: await signIn("Bob", "en") };
}

const soon = { timeout: 10_000 };

describe("a call", () => {
  it("lets the others hear who opens the microphone, until it is closed", async () => {
    const { ann, bob } = await meet();
    const { call: listening } = await bob.join();
    const { call: speaking } = await ann.join();
    await eventually(() => expect([listening.state, speaking.state]).toEqual(both("connected")));
    expect(listening.voices).toEqual([]);

    await speaking.openMicrophone();
    expect(speaking.microphoneOpen).toBe(true);
    await eventually(() => expect(bob.playing.size).toBe(1));
    const voice = { accountId: ann.accountId, kind: "original", language: "en", muted: false };
    expect(listening.voices).toMatchObject([voice]);
    expect(speaking.voices).toEqual([]);

    await speaking.closeMicrophone();
    expect(speaking.microphoneOpen).toBe(false);
    await eventually(() => expect(bob.playing.size).toBe(0));
    expect(listening.voices).toEqual([]);
  });

  it("is joined with an open microphone, or not at all", async () => {
    const { ann, bob } = await meet();
    await bob.join();
    ann.microphone = () => {
      throw new ParleyError("MICROPHONE_DENIED", "No.");
    };
    await expect(ann.join({ microphone: true })).rejects.toMatchObject({
      reason: "MICROPHONE_DENIED",
    });
    ann.microphone = () => new FakeMediaStreamTrack({ kind: "audio" });
    await ann.join({ microphone: true });
    await eventually(() => expect(bob.playing.size).toBe(1));
  });

  it("mutes at once, and tells the server", async () => {
    const { ann, bob } = await meet();
    const { call: listening } = await bob.join();
    const track = new FakeMediaStreamTrack({ kind: "audio" });
    ann.microphone = () => track;
    const { call: speaking } = await ann.join({ microphone: true });

    const muting = speaking.mute(true);
    expect([speaking.muted, track.enabled]).toEqual([true, false]);
    await muting;
    await eventually(() => expect(listening.voices).toMatchObject([{ muted: true }]));

    await speaking.mute(false);
    expect(track.enabled).toBe(true);
    await eventually(() => expect(listening.voices).toMatchObject([{ muted: false }]));
  });

  it("opens a microphone muted for somebody who is muted", async () => {
    const { ann, bob } = await meet();
    const { call: listening } = await bob.join();
    const track = new FakeMediaStreamTrack({ kind: "audio" });
    ann.microphone = () => track;
    const { call: speaking } = await ann.join();
    await speaking.mute(true);
    await speaking.openMicrophone();
    expect(track.enabled).toBe(false);
    await eventually(() => expect(listening.voices).toMatchObject([{ muted: true }]));
  });

  it("is unmuted when that is wished while the microphone is being opened", async () => {
    const { ann, bob } = await meet();
    const { call: listening } = await bob.join();
    const track = new FakeMediaStreamTrack({ kind: "audio" });
    ann.microphone = () => track;
    const { call: speaking } = await ann.join();
    await speaking.mute(true);
    const opening = speaking.openMicrophone();
    // From here on the server is being asked.
    await vi.waitFor(() => expect(track.enabled).toBe(false), { ...soon, interval: 1 });
    await Promise.all([speaking.mute(false), opening]);
    expect(track.enabled).toBe(true);
    await eventually(() => expect(listening.voices).toMatchObject([{ muted: false }]));
  });

  it("goes over to another microphone under the same voice", async () => {
    const { ann, bob } = await meet();
    const { call: listening } = await bob.join();
    const [first, second] = [0, 1].map(() => new FakeMediaStreamTrack({ kind: "audio" }));
    if (!first || !second) throw new Error("no tracks");
    ann.microphone = () => first;
    const { call: speaking } = await ann.join({ microphone: true });
    await eventually(() => expect(listening.voices).toHaveLength(1));
    const [before] = listening.voices;

    ann.microphone = () => second;
    await speaking.setDevice("another");
    expect([first.readyState, second.readyState]).toEqual(["ended", "live"]);
    expect(listening.voices).toEqual([before]);
  });

  it("closes the microphone when it is unplugged and there is no other", async () => {
    const { ann, bob } = await meet();
    await bob.join();
    const track = new FakeMediaStreamTrack({ kind: "audio" });
    ann.microphone = () => track;
    const { call, errors } = await ann.join({ microphone: true });
    await eventually(() => expect(bob.playing.size).toBe(1));
    ann.microphone = () => {
      throw new ParleyError("MICROPHONE_MISSING", "None.");
    };
    track.remoteStop();
    await eventually(() => expect(bob.playing.size).toBe(0));
    expect(call.microphoneOpen).toBe(false);
    expect(errors).toEqual(["MICROPHONE_MISSING"]);
  });

  it("reads on in another language where it was", async () => {
    const { ann, bob } = await meet();
    const { call: reading } = await bob.join();
    const { call: speaking } = await ann.join();
    const notices: string[] = [];
    let ready = 0;
    reading.on("captionsReady", () => (ready += 1));
    reading.on("caption", (event) => {
      if (event.type === "notice") notices.push(event.notice);
    });
    await eventually(() => expect(ready).toBe(1));
    await reading.setLanguages({ read: "fr" });
    // There is nothing here that understands anybody.
    await speaking.openMicrophone();
    await eventually(() => expect(notices).toContain("recogniser-unavailable"));
    expect(ready).toBe(1);
  });

  it("refuses a second microphone of the same person, and goes on", async () => {
    const { ann } = await meet();
    const { call: first } = await ann.join({ microphone: true });
    const { call: second } = await ann.join();
    await eventually(() => expect([first.state, second.state]).toEqual(both("connected")));
    await expect(second.openMicrophone()).rejects.toMatchObject({
      reason: "MICROPHONE_ALREADY_OPEN",
    });
    expect(second.microphoneOpen).toBe(false);
    await first.closeMicrophone();
    await second.openMicrophone();
    expect(second.microphoneOpen).toBe(true);
  });

  it("ends by leaving, once, and then does nothing more", async () => {
    const { ann, bob } = await meet();
    await bob.join();
    const { call, states, errors } = await ann.join({ microphone: true });
    await eventually(() => expect(bob.playing.size).toBe(1));
    await call.leave();
    await call.leave();
    expect(call).toMatchObject({ state: "closed", microphoneOpen: false });
    expect(states.at(-1)).toBe("closed");
    expect(errors).toEqual([]);
    await eventually(() => expect(bob.playing.size).toBe(0));
    await expect(call.openMicrophone()).rejects.toMatchObject({ reason: "CALL_ENDED" });
  });

  it("can't be joined by who is no member", async () => {
    const { ann, bob } = await meet();
    await bob.connection.api.room.leave.mutate({ roomId });
    await expect(bob.join()).rejects.toMatchObject({ reason: "NOT_A_MEMBER" });
    await ann.join();
  });

  it("ends for somebody who leaves the room", async () => {
    const { ann } = await meet();
    const { call, errors } = await ann.join();
    await eventually(() => expect(call.state).toBe("connected"));
    await ann.connection.api.room.leave.mutate({ roomId });
    await eventually(() => expect(call.state).toBe("closed"));
    expect(errors).toEqual(["CALL_REMOVED"]);
  });
});

describe("a call whose network is cut", () => {
  it("says so, comes back to the same peer, and does what was wished meanwhile", async () => {
    const { ann, bob } = await meet();
    const { call: listening, states } = await bob.join();
    const { call: speaking } = await ann.join({ microphone: true });
    await eventually(() => expect(bob.playing.size).toBe(1));
    await eventually(() => expect(speaking.state).toBe("connected"));
    const [before] = listening.voices;

    relay.cut();
    await vi.waitFor(() => expect(states).toContain("reconnecting"), soon);
    const muted = speaking.mute(true);
    relay.restore();
    await muted;
    await vi.waitFor(
      () => expect([listening.state, speaking.state]).toEqual(both("connected")),
      soon,
    );
    await vi.waitFor(() => expect(listening.voices).toMatchObject([{ muted: true }]), soon);
    expect(listening.voices[0]?.producerId).toBe(before?.producerId);
    expect(bob.devices).toHaveLength(1);
  });

  it("opens the microphone again when the answer to the first attempt was lost", async () => {
    const { ann, bob } = await meet();
    await bob.join();
    const { call } = await ann.join();
    const realFetch = globalThis.fetch;
    const fetching = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const answer = await realFetch(input, init);
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      if (pathname.endsWith("call.produce")) throw new TypeError("no network");
      return answer;
    });
    await expect(call.openMicrophone()).rejects.toMatchObject({ reason: "CONNECTION_LOST" });
    fetching.mockRestore();
    expect(call.microphoneOpen).toBe(false);
    await call.openMicrophone();
    await eventually(() => expect(bob.playing.size).toBe(1));
  });

  it("tells the server what it could not be told meanwhile", async () => {
    const { ann, bob } = await meet();
    const { call: listening } = await bob.join();
    const { call: speaking, states } = await ann.join({ microphone: true });
    await eventually(() => expect(listening.voices).toMatchObject([{ muted: false }]));
    await eventually(() => expect(speaking.state).toBe("connected"));

    relay.cut();
    const fetching = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("no network"));
    const lost = { reason: "CONNECTION_LOST" };
    await expect(speaking.mute(true)).rejects.toMatchObject(lost);
    await expect(speaking.setLanguages({ speak: "fr" })).rejects.toMatchObject(lost);
    await vi.waitFor(() => expect(states).toContain("reconnecting"), soon);
    fetching.mockRestore();
    relay.restore();
    const wished = [{ muted: true, language: "fr" }];
    await vi.waitFor(() => expect(listening.voices).toMatchObject(wished), soon);
    expect(speaking.muted).toBe(true);
  });
});

describe("a call whose media worker dies", () => {
  it("comes back with new sessions, the microphone and what it was set to", async () => {
    const { ann, bob } = await meet();
    const { call: listening, states, errors } = await bob.join();
    const { call: speaking } = await ann.join({ microphone: true });
    await speaking.mute(true);
    await speaking.setLanguages({ speak: "fr" });
    await eventually(() => expect(listening.voices).toMatchObject([{ muted: true }]));
    const [before] = listening.voices;

    for (const pid of workerPids()) process.kill(pid, "SIGKILL");
    const killedAt = performance.now();
    await vi.waitFor(() => expect(states).toContain("reconnecting"), soon);
    await vi.waitFor(() => {
      expect([listening.state, speaking.state]).toEqual(both("connected"));
      expect(listening.voices).toMatchObject([{ muted: true, language: "fr" }]);
      expect(listening.voices[0]?.producerId).not.toBe(before?.producerId);
      expect(bob.playing.size).toBe(1);
    }, soon);
    // So long a room may be without a voice.
    expect(performance.now() - killedAt).toBeLessThan(5_000);
    expect(speaking.microphoneOpen).toBe(true);
    expect(errors).toEqual([]);
  });
});

function both<Value>(value: Value): [Value, Value] {
  return [value, value];
}
