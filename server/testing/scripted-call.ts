import { onTestFinished } from "vitest";
import type { CaptionEvent, Voice } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import { captionTopic } from "../call/captions.ts";
import { Peer } from "../call/peer.ts";
import { RoomCall } from "../call/room-call.ts";
import { createEngineRegistry, type Engines } from "../engine/engine-registry.ts";
import { createScriptedRecogniser } from "../engine/scripted/scripted-recogniser.ts";
import { createScriptedSynthesiser } from "../engine/scripted/scripted-synthesiser.ts";
import { createScriptedTranslator } from "../engine/scripted/scripted-translator.ts";
import { loudnessActivity } from "../interpreter/testing/fakes.ts";
import { silentLog } from "../kit/log.ts";
import { createOpusEncoder, SPEAKING_FRAME } from "../media/opus.ts";
import { buildRtp } from "../media/rtp-packet.ts";
import { openBackdoor } from "../media/testing/backdoor.ts";
import { openMedia } from "../media/testing/open-media.ts";
import { tone } from "../media/testing/tone.ts";

export const scripted = {
  recogniser: () =>
    createScriptedRecogniser({ languages: ["en"], script: ["good morning"], repeat: true }),
  translator: () => createScriptedTranslator({ pairs: [["en", "es"]] }),
  synthesiser: () => createScriptedSynthesiser({ languages: ["es"] }),
};

/** A room's call with real media until the test is over, and all that its readers are shown. */
export async function openScriptedCall(
  options: {
    engines?: Partial<Engines>;
    /** Languages that captions are read in. */
    read?: LanguageTag[];
  } = {},
) {
  const { engines, read = ["es"] } = options;
  const media = await (await openMedia()).openRoom("room");
  const bus = new EmbeddedBus();
  const following = new AbortController();
  onTestFinished(() => {
    following.abort();
    return bus.close();
  });
  const { signal } = following;
  const captions: CaptionEvent[] = [];
  const { events } = await bus.subscribe(captionTopic, "room", { signal });
  void (async () => {
    for await (const { event } of events) captions.push(event);
  })();
  const room: RoomCall = new RoomCall({
    roomId: "room",
    media,
    engines: createEngineRegistry({
      recognisers: [scripted.recogniser()],
      translators: [scripted.translator()],
      synthesisers: [scripted.synthesiser()],
      ...engines,
    }),
    voiceActivity: { open: loudnessActivity, close: () => Promise.resolve() },
    bus,
    log: silentLog,
    record: () => {},
    publish: () => {},
    readLanguages: () => read,
    onEmpty: () => {},
  });

  /** Somebody's client, whose voices are told as they change. */
  function enter(accountId: string, hear = "en") {
    const peer = new Peer({
      id: accountId,
      accountId,
      sessionId: `of ${accountId}`,
      name: accountId,
      speak: "en",
      hear,
      graceMs: 60_000,
      onClose: (closed) => void room.removePeer(closed),
    });
    let voices: Voice[] = [];
    void (async () => {
      for await (const event of peer.events(signal)) {
        if (event.type === "voices") voices = event.voices;
      }
    })();
    room.addPeer(peer);
    return { peer, voices: () => voices };
  }

  /** A microphone that hums. */
  async function openHum() {
    const { producer, ssrc } = await openBackdoor(media).produce();
    const encoder = createOpusEncoder();
    let sequence = 0;
    const humming = setInterval(() => {
      const payload = encoder.encode(tone(440, SPEAKING_FRAME, sequence * SPEAKING_FRAME));
      const timestamp = sequence * 960;
      if (producer.closed) return clearInterval(humming);
      producer.send(
        buildRtp({ payloadType: 100, sequence, timestamp, ssrc, marker: false, payload }),
      );
      sequence += 1;
    }, 20);
    onTestFinished(() => clearInterval(humming));
    return producer;
  }

  return { room, media, bus, signal, captions, enter, openHum };
}

/** Those of `captions` that are of one type. */
export const of = <Type extends CaptionEvent["type"]>(captions: CaptionEvent[], type: Type) =>
  captions.filter((event): event is Extract<CaptionEvent, { type: Type }> => event.type === type);
