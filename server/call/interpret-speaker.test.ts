import { expect, it } from "vitest";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import type { EngineRegistry, Recogniser } from "../interpreter/engines.ts";
import { counting, fakeSession, loudnessActivity } from "../interpreter/testing/fakes.ts";
import { joined, silence, stream, tone } from "../interpreter/testing/sound.ts";
import { SpeakerCaptions } from "./captions.ts";
import { interpretSpeaker, type InterpretSpeakerOptions } from "./interpret-speaker.ts";

const noEngines: EngineRegistry = {
  status: () => [],
  recogniserFor: () => undefined,
  translatorFor: () => undefined,
  synthesiserFor: () => undefined,
  close: () => Promise.resolve(),
};

/** Somebody who says one phrase, and what is open for them. */
function interpretPhrase(part: Partial<InterpretSpeakerOptions> = {}) {
  const open = { sessions: 0, detectors: 0, followers: 0 };
  const most = { ...open };
  const opened = (what: keyof typeof open) => {
    open[what] += 1;
    most[what] = Math.max(most[what], open[what]);
    return () => void (open[what] -= 1);
  };
  const { session } = fakeSession((_, audio) => counting(audio));
  const recogniser: Recogniser = {
    provider: "fake",
    availability: { available: true },
    languages: ["en"],
    open: () => {
      const close = opened("sessions");
      return Promise.resolve({ ...session, close: async () => close() });
    },
    close: () => Promise.resolve(),
  };
  const speaker = () => ({ accountId: "ann", name: "Ann" });
  const captions = { bus: new EmbeddedBus(), roomId: "room", speaker, record: () => {} };
  const ended = interpretSpeaker({
    audio: stream(joined(silence(320), tone(960), silence(480))),
    language: "en",
    recogniser,
    engines: noEngines,
    voiceActivity: {
      open: () => ({ ...loudnessActivity(), close: opened("detectors") }),
      close: () => Promise.resolve(),
    },
    wanted: { text: () => ["es"], voice: () => ["es"], onChange: () => opened("followers") },
    captions: new SpeakerCaptions({ ...captions, language: "en" }),
    openVoice: () => Promise.reject(new Error("nobody speaks")),
    onSpeaking: () => {},
    onFailed: () => {},
    signal: new AbortController().signal,
    ...part,
  });
  return { ended, open, most };
}

const all = { sessions: 1, detectors: 1, followers: 1 };
const none = { sessions: 0, detectors: 0, followers: 0 };

it("lets go of all that it had opened when the audio ends", async () => {
  const { ended, open, most } = interpretPhrase();
  await ended;
  expect(most).toEqual(all);
  expect(open).toEqual(none);
});

it("lets go of it when it is stopped, and when the audio fails", async () => {
  const stop = new AbortController();
  const stopped = interpretPhrase({
    audio: (async function* () {
      yield { samples: silence(20), at: 0 };
      stop.abort();
      await new Promise(() => undefined);
    })(),
    signal: stop.signal,
  });
  await stopped.ended;
  expect(stopped).toMatchObject({ open: none, most: all });
  const failed = interpretPhrase({
    audio: (async function* () {
      yield { samples: silence(20), at: 0 };
      throw new Error("the microphone is gone");
    })(),
  });
  await expect(failed.ended).rejects.toThrow("the microphone is gone");
  expect(failed).toMatchObject({ open: none, most: all });
});
