import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallEvent, CaptionEvent, CaptionNotice } from "../shared/call.ts";
import { eventually } from "../shared/testing/eventually.ts";
import { createScriptedSynthesiser } from "./engine/scripted/scripted-synthesiser.ts";
import { of } from "./testing/scripted-call.ts";
import {
  openSpokenRoom,
  type Person,
  said,
  spoken,
  type SpokenRoom,
} from "./testing/spoken-room.ts";
import { startTestServer } from "./testing/test-server.ts";

let stage: SpokenRoom;
let calls: SpokenRoom["calls"];
let roomId: string;
let ann: Person;
let enter: SpokenRoom["enter"];

beforeEach(async () => {
  stage = await openSpokenRoom({
    synthesisers: [createScriptedSynthesiser({ languages: ["es", "en"] })],
  });
  ({ calls, roomId, ann, enter } = stage);
});
afterEach(() => stage.server.close());

/** Joins the call and follows it. */
async function join(person: Person, options: { hear?: string | null; read?: string | null } = {}) {
  const { hear, read } = options;
  const { peerId } = await person.client.call.join.mutate({ roomId, hear });
  const events: CallEvent[] = [];
  const captions: CaptionEvent[] = [];
  const followed = Promise.withResolvers<void>();
  const following = person.client.call.onEvent.subscribe(
    { peerId },
    { onData: (event) => events.push(event), onError: () => {} },
  );
  person.client.call.onCaption.subscribe(
    { roomId, read },
    {
      onData: ({ data }) => {
        if (data.type === "ready") followed.resolve();
        else captions.push(data);
      },
      onError: () => {},
    },
  );
  await followed.promise;
  await eventually(() => expect(events.length).toBeGreaterThan(0));
  const voices = () => {
    const newest = events.findLast((event) => event.type === "voices");
    return newest?.type === "voices" ? newest.voices : [];
  };
  return { person, peerId, events, captions, voices, unfollow: () => following.unsubscribe() };
}

type Joined = Awaited<ReturnType<typeof join>>;

const openMicrophone = ({ person, peerId }: Joined) => stage.openMicrophone(person, peerId);

describe("what somebody says", () => {
  it("is read while it is said, translated once it is, and spoken to who hears another language", async () => {
    const speaker = await join(ann);
    const listener = await join(await enter("Bea", "es"));
    const microphone = await openMicrophone(speaker);
    await eventually(() => expect(listener.voices().length).toBe(2));
    expect(listener.voices()).toMatchObject([
      { kind: "original", language: "en", accountId: ann.account.id },
      { kind: "interpreter", language: "es", accountId: ann.account.id },
    ]);
    expect(speaker.voices()).toEqual([]);

    await microphone.say("good morning to all of you");
    await vi.waitFor(() => expect(of(listener.captions, "voice")).toHaveLength(1), spoken);
    const [final] = of(listener.captions, "final");
    expect(final).toMatchObject({ text: said, language: "en", cut: false });
    expect(final?.speaker).toEqual({ accountId: ann.account.id, name: "Ann" });
    const order = listener.captions.map(({ type }) => type);
    expect(order.indexOf("partial")).toBeLessThan(order.indexOf("final"));
    expect(of(listener.captions, "translation").at(-1)).toMatchObject({
      language: "es",
      text: `[es] ${said}`,
      final: true,
      utteranceId: final?.utteranceId,
    });
    expect(of(listener.captions, "voice")[0]?.lagMs).toBeGreaterThan(300);
    // Ann reads her own language: nothing was translated for her, and she hears no interpreter.
    expect(of(speaker.captions, "translation")).toEqual([]);
    expect(of(speaker.captions, "voice")).toEqual([]);
    expect(of(speaker.captions, "final")).toHaveLength(1);
  });

  it("is told of by the name that they go by at the moment", async () => {
    const speaker = await join(ann);
    const listener = await join(await enter("Bea", "en"));
    const microphone = await openMicrophone(speaker);
    await ann.client.account.rename.mutate({ name: "Anna" });
    await microphone.say("good morning to all of you");
    await vi.waitFor(() => expect(of(listener.captions, "final")).toHaveLength(1), spoken);
    expect(of(listener.captions, "final")[0]?.speaker.name).toBe("Anna");
    // Also when they begin anew.
    await ann.client.call.closeProducer.mutate({ peerId: speaker.peerId });
    const again = await openMicrophone(speaker);
    await again.say("good morning to all of you");
    await vi.waitFor(() => expect(of(listener.captions, "final")).toHaveLength(2), spoken);
    expect(of(listener.captions, "final")[1]?.speaker.name).toBe("Anna");
  });

  it("is interpreted to its end when the microphone closes in the middle of it", async () => {
    const speaker = await join(ann);
    const listener = await join(await enter("Bea", "es"));
    const microphone = await openMicrophone(speaker);
    await microphone.say("good morning to all of you and to everyone else");
    // Long enough to be no click or cough.
    await vi.waitFor(() => {
      const newest = of(listener.captions, "partial").at(-1);
      expect(`${newest?.stable} ${newest?.unstable}`).toContain(said);
    }, spoken);
    await ann.client.call.closeProducer.mutate({ peerId: speaker.peerId });
    await vi.waitFor(() => expect(of(listener.captions, "voice")).toHaveLength(1), spoken);
    await vi.waitFor(() => expect(listener.voices()).toEqual([]), spoken);
  });

  it("is not heard, read or kept while they are muted", async () => {
    const speaker = await join(ann);
    const listener = await join(await enter("Bea", "es"));
    const microphone = await openMicrophone(speaker);
    await ann.client.call.mute.mutate({ peerId: speaker.peerId, muted: true });
    await microphone.say("good morning to all of you");
    await ann.client.call.mute.mutate({ peerId: speaker.peerId, muted: false });
    await microphone.say("and to everyone else");
    await vi.waitFor(() => expect(of(listener.captions, "final")).toHaveLength(1), spoken);
    await vi.waitFor(() => expect(of(listener.captions, "voice")).toHaveLength(1), spoken);
    expect(of(listener.captions, "final")).toHaveLength(1);
  });

  it("is interpreted for each of two who speak at once", async () => {
    const bea = await enter("Bea", "es");
    const english = await join(ann);
    const spanish = await join(bea);
    const [first, second] = [await openMicrophone(english), await openMicrophone(spanish)];
    await Promise.all([
      first.say("good morning to all of you"),
      second.say("this is said at the same time"),
    ]);
    await vi.waitFor(() => {
      expect(of(spanish.captions, "translation").at(-1)?.text).toBe(`[es] ${said}`);
      expect(of(english.captions, "translation").at(-1)?.text).toBe("[en] buenos dias");
      expect(of(spanish.captions, "voice")).toHaveLength(1);
      expect(of(english.captions, "voice")).toHaveLength(1);
    }, spoken);
  });
});

describe("a listener", () => {
  it("who changes language gets another voice, and the old one ends when nobody wants it", async () => {
    const speaker = await join(ann);
    const listener = await join(await enter("Bea", "es"));
    await openMicrophone(speaker);
    await eventually(() =>
      expect(listener.voices().map((voice) => voice.language)).toContain("es"),
    );
    await listener.person.client.call.setLanguages.mutate({ peerId: listener.peerId, hear: null });
    await eventually(() =>
      expect(listener.voices().map((voice) => voice.kind)).toEqual(["original"]),
    );
    await listener.person.client.call.setLanguages.mutate({ peerId: listener.peerId, hear: "es" });
    await eventually(() =>
      expect(listener.voices().map((voice) => voice.language)).toContain("es"),
    );
  });

  it("is told when there is no voice in their language, and still reads", async () => {
    const speaker = await join(ann);
    const listener = await join(await enter("Chloe", "fr"));
    const microphone = await openMicrophone(speaker);
    await eventually(() =>
      expect(of(listener.captions, "notice")).toMatchObject([
        { notice: "synthesiser-unavailable", language: "fr" },
      ]),
    );
    await microphone.say("good morning to all of you");
    await vi.waitFor(
      () => expect(of(listener.captions, "translation").at(-1)?.final).toBe(true),
      spoken,
    );
    // It is nobody else's concern.
    expect(of(speaker.captions, "final")).toHaveLength(1);
    expect(of(speaker.captions, "notice")).toEqual([]);
  });

  it("is told when nobody can understand or translate a language", async () => {
    const chloe = await enter("Chloe", "fr");
    const speaker = await join(chloe);
    await openMicrophone(speaker);
    const late = await join(ann);
    await eventually(() =>
      expect(of(late.captions, "notice")).toMatchObject([{ notice: "recogniser-unavailable" }]),
    );
    const dora = await join(await enter("Dora", "de"));
    await openMicrophone(late);
    await eventually(() =>
      expect(of(dora.captions, "notice")).toContainEqual(
        expect.objectContaining({ notice: "translator-unavailable", language: "de" }),
      ),
    );
  });
});

describe("who comes after somebody has spoken", () => {
  async function speakBeforehand() {
    const speaker = await join(ann);
    const early = await join(await enter("Bea", "es"));
    const microphone = await openMicrophone(speaker);
    await microphone.say("good morning to all of you");
    await vi.waitFor(() => expect(of(early.captions, "final")).toHaveLength(1), spoken);
  }
  const noticesTo = (person: Joined, notice: CaptionNotice) =>
    of(person.captions, "notice").filter((event) => event.notice === notice);

  it.each([
    ["nobody translates for them", "translator-unavailable", "de"],
    ["there is no voice in their language", "synthesiser-unavailable", "fr"],
  ] as const)("is told, once, that %s", async (_, notice, language) => {
    await speakBeforehand();
    for (const name of ["Dora", "Emil"]) {
      const late = await join(await enter(name, language));
      const told = [{ notice, language, speaker: { accountId: ann.account.id } }];
      await eventually(() => expect(noticesTo(late, notice)).toMatchObject(told));
      // What else was on its way comes before the answer to this.
      await late.person.client.room.get.query({ roomId });
      expect(noticesTo(late, notice)).toHaveLength(1);
    }
  });
});

describe("a call", () => {
  it("ends for who leaves the room, with all that they sent and received", async () => {
    const speaker = await join(ann);
    const bea = await enter("Bea", "es");
    const listener = await join(bea);
    await openMicrophone(speaker);
    await eventually(() => expect(listener.voices().length).toBe(2));
    await bea.client.room.leave.mutate({ roomId });
    await eventually(() =>
      expect(listener.events.at(-1)).toEqual({ type: "closed", reason: "removed" }),
    );
    await expect(
      bea.client.call.createTransport.mutate({ peerId: listener.peerId, direction: "receive" }),
    ).rejects.toMatchObject({ data: { reason: "PEER_NOT_FOUND" } });
    await ann.client.call.leave.mutate({ peerId: speaker.peerId });
    await eventually(() =>
      expect(speaker.events.at(-1)).toEqual({ type: "closed", reason: "left" }),
    );
  });

  it("ends for who signs out", async () => {
    const joined = await join(ann);
    const { peer } = calls.find(ann.account.id, joined.peerId);
    await ann.client.account.logout.mutate();
    await eventually(() => expect(peer.closed).toBe(true));
  });

  it("tells its peers when its media worker died, and can be joined anew", async () => {
    const listener = await join(ann);
    const [pid] = calls.workerPids;
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    await eventually(() =>
      expect(listener.events.at(-1)).toEqual({ type: "closed", reason: "media-restarted" }),
    );
    const again = await join(ann);
    expect(again.peerId).not.toBe(listener.peerId);
    await ann.client.call.createTransport.mutate({ peerId: again.peerId, direction: "receive" });
  });

  it("is closed to who is no member, and its peers are nobody else's business", async () => {
    const eve = await stage.server.signIn("Eve", "en");
    await expect(eve.client.call.join.mutate({ roomId })).rejects.toMatchObject({
      data: { reason: "NOT_A_MEMBER" },
    });
    const joined = await join(ann);
    await eve.client.room.join.mutate({ roomId });
    const { peerId } = joined;
    const foreign = { data: { reason: "PEER_NOT_FOUND" } };
    await expect(
      eve.client.call.createTransport.mutate({ peerId, direction: "send" }),
    ).rejects.toMatchObject(foreign);
    await expect(eve.client.call.mute.mutate({ peerId, muted: true })).rejects.toMatchObject(
      foreign,
    );
    await expect(eve.client.call.leave.mutate({ peerId })).rejects.toMatchObject(foreign);
    await expect(eve.client.call.join.mutate({ roomId: "elsewhere" })).rejects.toMatchObject({
      data: { reason: "ROOM_NOT_FOUND" },
    });
    await expect(
      eve.client.call.join.mutate({ roomId, hear: "no language" }),
    ).rejects.toMatchObject({ data: { reason: "LANGUAGE_UNKNOWN" } });
  });

  it("takes one microphone a person, in Opus, and no second transport a direction", async () => {
    const { peerId } = await join(ann);
    const transport = await ann.client.call.createTransport.mutate({ peerId, direction: "send" });
    const rtpParameters = (mimeType: string, ssrc: number) => ({
      codecs: [{ mimeType, payloadType: 100, clockRate: 48_000, channels: 2 }],
      encodings: [{ ssrc }],
      rtcp: { cname: "ann" },
    });
    const produce = (mimeType: string, ssrc: number) =>
      ann.client.call.produce.mutate({
        peerId,
        transportId: transport.id,
        rtpParameters: rtpParameters(mimeType, ssrc),
      });
    await expect(produce("audio/PCMU", 1)).rejects.toMatchObject({
      data: { reason: "CODEC_NOT_SUPPORTED" },
    });
    await produce("audio/opus", 2);
    await expect(produce("audio/opus", 3)).rejects.toMatchObject({
      data: { reason: "MICROPHONE_ALREADY_OPEN" },
    });
    await expect(
      ann.client.call.createTransport.mutate({ peerId, direction: "send" }),
    ).rejects.toMatchObject({ data: { reason: "TRANSPORT_LIMIT" } });
    const second = await join(ann);
    const other = await ann.client.call.createTransport.mutate({
      peerId: second.peerId,
      direction: "send",
    });
    await expect(
      ann.client.call.produce.mutate({
        peerId: second.peerId,
        transportId: other.id,
        rtpParameters: rtpParameters("audio/opus", 4),
      }),
    ).rejects.toMatchObject({ data: { reason: "MICROPHONE_ALREADY_OPEN" } });
    await ann.client.call.closeProducer.mutate({ peerId });
    await produce("audio/opus", 5);
  });

  it("is unavailable where there is no media, and everything else goes on", async () => {
    const without = await startTestServer({
      openCalls: () => Promise.resolve({ unavailable: "The media worker is not installed." }),
    });
    const person = await without.signIn("Ann", "en");
    const room = await person.client.room.create.mutate({ name: "Kitchen" });
    await expect(person.client.call.join.mutate({ roomId: room.id })).rejects.toMatchObject({
      message: "The media worker is not installed.",
      data: { reason: "MEDIA_UNAVAILABLE" },
    });
    await person.client.chat.send.mutate({ roomId: room.id, text: "hello", clientId: "1" });
    await without.close();
  });
});
