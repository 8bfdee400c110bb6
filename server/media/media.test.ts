import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { silentLog } from "../kit/log.ts";
import { createMedia, type Media } from "./media.ts";
import type { MediaRoom } from "./media-room.ts";
import { openBackdoor } from "./testing/backdoor.ts";
import { openMedia } from "./testing/open-media.ts";
import { eventually } from "../../shared/testing/eventually.ts";

async function bindSocket(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  return { socket, port: socket.address().port };
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

async function candidates(room: MediaRoom, protocol: "udp" | "tcp") {
  const { iceCandidates } = (await room.createTransport()).parameters;
  return iceCandidates.filter((candidate) => candidate.protocol === protocol);
}

async function portOf(room: MediaRoom, protocol: "udp" | "tcp" = "udp"): Promise<number> {
  const [candidate] = await candidates(room, protocol);
  if (!candidate) throw new Error(`no ${protocol} candidate`);
  return candidate.port;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function killWorker(media: Media): number {
  const [pid] = media.workerPids;
  if (pid === undefined) throw new Error("no worker runs");
  process.kill(pid, "SIGKILL");
  return pid;
}

describe("a room", () => {
  it("is one for everyone who opens it, and rooms are spread over the workers", async () => {
    const media = await openMedia({ workers: 2 });
    const [one, same] = await Promise.all([media.openRoom("one"), media.openRoom("one")]);
    expect(one).toBe(same);
    await Promise.all(["two", "three", "four"].map((id) => media.openRoom(id)));
    expect(media.roomsPerWorker).toEqual([2, 2]);
    const lost = vi.fn();
    one.onLost(lost);
    one.close();
    one.close();
    expect(media.roomsPerWorker.toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(one.closed).toBe(true);
    expect(await media.openRoom("one")).not.toBe(one);
    expect(media.roomsPerWorker).toEqual([2, 2]);
    expect(lost).not.toHaveBeenCalled();
  });

  it("offers Opus and nothing else", async () => {
    const room = await (await openMedia()).openRoom("room");
    expect(room.rtpCapabilities.codecs?.map(({ mimeType }) => mimeType)).toEqual(["audio/opus"]);
  });

  it("is reached at the announced address, by UDP rather than TCP", async () => {
    const media = await openMedia({ announcedAddress: "203.0.113.9" });
    const { iceCandidates } = (await (await media.openRoom("room")).createTransport()).parameters;
    expect(iceCandidates.every(({ address }) => address === "203.0.113.9")).toBe(true);
    const byPriority = iceCandidates.toSorted((one, other) => other.priority - one.priority);
    expect(byPriority.map(({ protocol }) => protocol)).toEqual(["udp", "tcp"]);
  });

  it("is reached at each of the machine's addresses when none is named", async () => {
    const media = await openMedia({ listenAddress: "0.0.0.0" });
    const offered = await candidates(await media.openRoom("room"), "udp");
    expect(offered.map(({ address }) => address)).toContain("127.0.0.1");
    expect(offered.map(({ address }) => address)).not.toContain("0.0.0.0");
  });
});

describe("a client's transport", () => {
  const opus = { mimeType: "audio/opus", payloadType: 100, clockRate: 48_000, channels: 2 };
  const rtp = (codec: typeof opus) => ({
    codecs: [codec],
    encodings: [{ ssrc: 1 }],
    rtcp: { cname: "x" },
  });
  const openTransport = async () => {
    const room = await (await openMedia()).openRoom("room");
    return { room, transport: await room.createTransport() };
  };

  it.each([
    ["VP8", "CODEC_NOT_SUPPORTED", { ...opus, mimeType: "video/VP8", clockRate: 90_000 }],
    ["PCMU", "CODEC_NOT_SUPPORTED", { ...opus, mimeType: "audio/PCMU", clockRate: 8_000 }],
    ["Opus at 8 kHz", "RTP_PARAMETERS_INVALID", { ...opus, clockRate: 8_000 }],
    ["Opus in five channels", "RTP_PARAMETERS_INVALID", { ...opus, channels: 5 }],
  ])("doesn't take %s: %s", async (_, reason, codec) => {
    const { transport } = await openTransport();
    await expect(transport.produce(rtp(codec))).rejects.toMatchObject({ reason });
  });

  it("takes Opus, once with the same SSRC, and nothing that makes no sense", async () => {
    const { transport } = await openTransport();
    const invalid = { reason: "RTP_PARAMETERS_INVALID" };
    await expect(transport.produce({ ...rtp(opus), encodings: [] })).rejects.toMatchObject(invalid);
    const twoCodecs = { ...rtp(opus), codecs: [opus, opus] };
    await expect(transport.produce(twoCodecs)).rejects.toMatchObject(invalid);
    const microphone = await transport.produce({ mid: "0", ...rtp(opus) });
    expect(microphone.id).not.toBe("");
    const again = { mid: "1", ...rtp(opus) };
    await expect(transport.produce(again)).rejects.toMatchObject(invalid);
    await microphone.pause();
    await microphone.resume();
    microphone.close();
    await transport.produce(again);
  });

  it("connects only with sensible DTLS parameters, and survives others", async () => {
    const { transport } = await openTransport();
    const connect = (value: string) =>
      transport.connect({ role: "client", fingerprints: [{ algorithm: "sha-256", value }] });
    await connect("AB:CD");
    await expect(connect("AB:CD")).rejects.toMatchObject({ reason: "RTP_PARAMETERS_INVALID" });
    const before = transport.parameters.iceParameters.usernameFragment;
    expect((await transport.restartIce()).usernameFragment).not.toBe(before);
  });

  it("consumes only what is in its room and can be played", async () => {
    const { room, transport } = await openTransport();
    const { rtpCapabilities } = room;
    const elsewhere = await (await openMedia()).openRoom("room");
    const foreign = await elsewhere.openOutlet();
    const notFound = { reason: "PRODUCER_NOT_FOUND" };
    await expect(transport.consume("nothing", rtpCapabilities)).rejects.toMatchObject(notFound);
    const foreignVoice = transport.consume(foreign.producerId, rtpCapabilities);
    await expect(foreignVoice).rejects.toMatchObject(notFound);
    const outlet = await room.openOutlet();
    await expect(transport.consume(outlet.producerId, {})).rejects.toMatchObject({
      reason: "RTP_PARAMETERS_INVALID",
    });
    const consumer = await transport.consume(outlet.producerId, rtpCapabilities);
    expect(consumer.producerId).toBe(outlet.producerId);
    expect(consumer.rtpParameters.codecs[0]?.mimeType).toBe("audio/opus");
    await consumer.resume();
    outlet.close();
    const late = transport.consume(outlet.producerId, rtpCapabilities);
    await expect(late).rejects.toMatchObject(notFound);
    // It closed with its producer.
    await expect(consumer.resume()).rejects.toThrow();
  });

  it("is gone with its room", async () => {
    const { room, transport } = await openTransport();
    room.close();
    const gone = { reason: "TRANSPORT_NOT_FOUND" };
    await expect(transport.produce(rtp(opus))).rejects.toMatchObject(gone);
    await expect(transport.restartIce()).rejects.toMatchObject(gone);
    transport.close();
    await expect(room.createTransport()).rejects.toMatchObject({ reason: "MEDIA_UNAVAILABLE" });
  });
});

describe("a media worker", () => {
  it("that dies is replaced within two seconds on its port, and its rooms are told", async () => {
    const media = await openMedia({ firstPort: await freePort() });
    const room = await media.openRoom("room");
    const port = await portOf(room);
    const lost = vi.fn();
    room.onLost(lost);
    const inlet = room.openInlet((await room.openOutlet()).producerId, new AbortController());
    const pid = killWorker(media);
    const killedAt = performance.now();
    for await (const frame of inlet) expect(frame.samples.length).toBe(320);
    await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1), 2_000);
    const again = await media.openRoom("room");
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    expect(again).not.toBe(room);
    expect(again.closed).toBe(false);
    expect(media.workerPids).not.toContain(pid);
    expect(await portOf(again)).toBe(port);
    expect(await portOf(again, "tcp")).toBe(port);
    expect(media.roomsPerWorker).toEqual([1]);
  });

  it("that dies under the hands of who opens a room lets them wait for the next", async () => {
    const media = await openMedia();
    for (let round = 0; round < 2; round += 1) {
      killWorker(media);
      const room = await media.openRoom(`room ${round}`);
      expect(room.closed).toBe(false);
      await room.createTransport();
    }
  });

  it("leaves the rooms of others alone when it dies", async () => {
    const media = await openMedia({ workers: 2 });
    const rooms = [await media.openRoom("one"), await media.openRoom("two")];
    killWorker(media);
    await eventually(() => expect(rooms.map(({ closed }) => closed)).toEqual([true, false]));
    // Nobody waits for the replacement while another worker runs.
    expect((await media.openRoom("one")).closed).toBe(false);
    await vi.waitFor(() => expect(media.workerPids.length).toBe(2), 2_000);
  });

  it("is replaced again and again, ever slower", async () => {
    const media = await openMedia();
    const gaps: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      killWorker(media);
      await vi.waitFor(() => expect(media.workerPids).toEqual([]), { interval: 2 });
      const diedAt = performance.now();
      await vi.waitFor(() => expect(media.workerPids.length).toBe(1), 3_000);
      gaps.push(performance.now() - diedAt);
    }
    expect(gaps[0]).toBeLessThan(1_000);
    expect(gaps[3]).toBeGreaterThan(1_000);
    expect((await media.openRoom("room")).closed).toBe(false);
  });

  it("isn't impressed by garbage on its ports", async () => {
    const media = await openMedia();
    const room = await media.openRoom("room");
    const port = await portOf(room);
    const before = media.workerPids;
    const { socket } = await bindSocket();
    // Starts of STUN with and without its cookie, DTLS, RTP, RTCP, TURN channel data.
    const starts = [
      [],
      [0, 1],
      [0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42],
      [0x16, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200, 1],
      [0x14, 0xfe, 0xfd],
      [0x80, 100],
      [0x80, 200],
      [0x9f, 111],
      [0x40, 0],
    ];
    for (let round = 0; round < 3_000; round += 1) {
      const start = Buffer.from(starts[round % starts.length] ?? []);
      socket.send(Buffer.concat([start, randomBytes(round % 1_400)]), port, "127.0.0.1");
      if (round % 200 === 0) await openBackdoor(room).settle();
    }
    const tcp = connect(await portOf(room, "tcp"), "127.0.0.1");
    tcp.on("error", () => {});
    for (let round = 0; round < 50; round += 1) tcp.write(randomBytes(2_000));
    await openBackdoor(room).settle();
    tcp.destroy();
    await openBackdoor(room).settle();
    expect(media.workerPids).toEqual(before);
    expect(room.closed).toBe(false);
  });

  it("whose port is taken makes media unavailable, and leaves no process behind", async () => {
    const { port } = await bindSocket();
    const options = { workers: 2, listenAddress: "127.0.0.1", firstPort: port, log: silentLog };
    await expect(createMedia(options)).rejects.toMatchObject({
      reason: "MEDIA_UNAVAILABLE",
      message: `Calls are unavailable: the media port ${port} at 127.0.0.1 could not be opened.`,
    });
    // The second one's port was free, and is again.
    const media = await openMedia({ firstPort: port + 1 });
    expect(media.workerPids.length).toBe(1);
  });

  it("has ended when media has closed", async () => {
    const media = await openMedia({ workers: 2 });
    const room = await media.openRoom("room");
    const lost = vi.fn();
    room.onLost(lost);
    const pids = media.workerPids;
    await Promise.all([media.close(), media.close()]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(media.workerPids).toEqual([]);
    expect(lost).not.toHaveBeenCalled();
    await expect(media.openRoom("other")).rejects.toMatchObject({ reason: "MEDIA_UNAVAILABLE" });
    await expect(media.openRoom("room")).rejects.toMatchObject({ reason: "MEDIA_UNAVAILABLE" });
  });
});
