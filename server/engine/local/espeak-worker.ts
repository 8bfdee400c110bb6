import { parentPort, workerData } from "node:worker_threads";
import { SPEAKING_RATE } from "../../kit/pcm.ts";
import { Espeak, type EspeakFiles, type EspeakUtterance, type EspeakVoice } from "./espeak.ts";
import { Resampler } from "./resampler.ts";

/** `cancelled` holds one Int32, set to 1 by whoever no longer listens. */
export type ToSpeaker = { job: number; utterance: EspeakUtterance; cancelled: SharedArrayBuffer };

export type FromSpeaker =
  | { type: "ready"; voices: EspeakVoice[] }
  | { type: "unusable"; message: string }
  | { type: "audio"; job: number; samples: Int16Array }
  | { type: "done"; job: number }
  | { type: "failed"; job: number; message: string };

type Port = NonNullable<typeof parentPort>;

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The thread of the one espeak. Its parent sends ToSpeaker and gets FromSpeaker. */
function serve(port: Port, files: EspeakFiles): void {
  const espeak = new Espeak(files);

  port.on("message", ({ job, utterance, cancelled }: ToSpeaker) => {
    const flag = new Int32Array(cancelled);
    const resampler = new Resampler(espeak.sampleRate, SPEAKING_RATE);
    const send = (samples: Int16Array) => {
      const message: FromSpeaker = { type: "audio", job, samples };
      if (samples.length > 0) port.postMessage(message);
    };
    try {
      if (Atomics.load(flag, 0) === 0) {
        espeak.speak(utterance, (samples) => {
          if (Atomics.load(flag, 0) !== 0) return false;
          send(resampler.push(samples));
          return true;
        });
        send(resampler.flush());
      }
      port.postMessage({ type: "done", job } satisfies FromSpeaker);
    } catch (error) {
      port.postMessage({ type: "failed", job, message: describe(error) } satisfies FromSpeaker);
    }
  });
  port.postMessage({ type: "ready", voices: espeak.voices() } satisfies FromSpeaker);
}

if (parentPort) {
  try {
    serve(parentPort, workerData);
  } catch (error) {
    parentPort.postMessage({ type: "unusable", message: describe(error) } satisfies FromSpeaker);
    parentPort.close();
  }
}
