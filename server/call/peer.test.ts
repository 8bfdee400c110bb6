import { describe, expect, it, vi } from "vitest";
import type { CallEvent, Voice } from "../../shared/call.ts";
import { Peer } from "./peer.ts";
import { eventually } from "../../shared/testing/eventually.ts";

function createPeer(graceMs = 10_000) {
  const onClose = vi.fn();
  const peer = new Peer({
    id: "peer",
    accountId: "ann",
    sessionId: "session",
    name: "Ann",
    speak: "en",
    hear: "en",
    graceMs,
    onClose,
  });
  return { peer, onClose };
}

const voice: Voice = {
  producerId: "producer",
  accountId: "bob",
  kind: "original",
  language: "es",
  muted: false,
};

async function nextOf(events: AsyncGenerator<CallEvent, void>): Promise<CallEvent | undefined> {
  const { value } = await events.next();
  return value ?? undefined;
}

describe("a peer's events", () => {
  it("begin with the whole state, whatever was missed", async () => {
    const { peer } = createPeer();
    peer.setVoices([voice]);
    peer.setMuted(true);
    const events = peer.events(new AbortController().signal);
    expect(await nextOf(events)).toEqual({ type: "voices", voices: [voice] });
    expect(await nextOf(events)).toEqual({ type: "muted", muted: true });
    await events.return();
    peer.close("left");
  });

  it("give a slow reader only the newest state", async () => {
    const { peer } = createPeer();
    const events = peer.events(new AbortController().signal);
    await nextOf(events);
    await nextOf(events);
    peer.setVoices([voice]);
    peer.setVoices([]);
    peer.setVoices([{ ...voice, language: "fr" }]);
    expect(await nextOf(events)).toEqual({
      type: "voices",
      voices: [{ ...voice, language: "fr" }],
    });
    await events.return();
    peer.close("left");
  });

  it("end with the reason when the peer closes", async () => {
    const { peer, onClose } = createPeer();
    const events = peer.events(new AbortController().signal);
    await nextOf(events);
    peer.close("removed");
    peer.close("left");
    const rest: CallEvent[] = [];
    for await (const event of events) rest.push(event);
    expect(rest.at(-1)).toEqual({ type: "closed", reason: "removed" });
    expect(onClose).toHaveBeenCalledTimes(1);
  });
});

describe("a peer without a client", () => {
  it("closes by itself after its grace", async () => {
    const { peer, onClose } = createPeer(20);
    await eventually(() => expect(onClose).toHaveBeenCalledWith(peer));
    expect(peer.closed).toBe(true);
  });

  it("lives on when a client comes back within the grace", async () => {
    const { peer } = createPeer(30);
    const events = peer.events(new AbortController().signal);
    await nextOf(events);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(peer.closed).toBe(false);
    expect(peer.attached).toBe(true);
    await events.return();
    await eventually(() => expect(peer.closed).toBe(true));
  });
});

describe("what a peer may do", () => {
  it("has one transport a direction, and a failed one may be tried again", async () => {
    const { peer } = createPeer();
    const fail = () => Promise.reject(new Error("no port"));
    await expect(peer.createTransport("send", fail)).rejects.toThrow("no port");
    const hang = () => new Promise<never>(() => {});
    void peer.createTransport("send", hang);
    await expect(peer.createTransport("send", hang)).rejects.toMatchObject({
      reason: "TRANSPORT_LIMIT",
    });
    peer.close("left");
  });

  it("consumes only what it should be playing", async () => {
    const { peer } = createPeer();
    await expect(peer.consume("transport", "elsewhere", {})).rejects.toMatchObject({
      reason: "PRODUCER_NOT_FOUND",
    });
    peer.close("left");
  });

  it("knows nothing of transports and consumers that are not its own", () => {
    const { peer } = createPeer();
    expect(() => peer.transport("other")).toThrow("no such transport");
    expect(() => peer.consumer("other")).toThrow("no such voice");
    peer.close("left");
  });
});
