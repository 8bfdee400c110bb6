import { parentPort, workerData } from "node:worker_threads";
import { PocketsphinxDecoder, type PocketsphinxFiles } from "./pocketsphinx.ts";

/** Every message names its utterance, so that what belongs to an abandoned one is not mistaken. */
export type ToDecoder =
  | { type: "begin"; utterance: number }
  | { type: "audio"; utterance: number; samples: Int16Array }
  | { type: "finish"; utterance: number }
  | { type: "abandon"; utterance: number };

export type FromDecoder =
  | { type: "ready" }
  | { type: "unusable"; message: string }
  | { type: "partial" | "final"; utterance: number; text: string };

export type DecoderData = { files: PocketsphinxFiles; partialSamples: number };

/** The thread of one decoder. Its parent sends ToDecoder and gets FromDecoder. */
function serve(port: NonNullable<typeof parentPort>, data: DecoderData): void {
  const send = (message: FromDecoder) => port.postMessage(message);
  const decoder = new PocketsphinxDecoder(data.files);
  let current: number | undefined;
  let sinceGuess = 0;
  let lastGuess = "";

  const close = () => {
    if (current === undefined) return;
    current = undefined;
    decoder.end();
  };

  port.on("message", (message: ToDecoder) => {
    if (message.type === "begin") {
      close();
      current = message.utterance;
      sinceGuess = 0;
      lastGuess = "";
      decoder.start();
      return;
    }
    if (message.utterance !== current) return;
    if (message.type === "audio") {
      decoder.process(message.samples);
      sinceGuess += message.samples.length;
      if (sinceGuess < data.partialSamples) return;
      sinceGuess = 0;
      const text = decoder.hypothesis();
      if (text === lastGuess) return;
      lastGuess = text;
      send({ type: "partial", utterance: message.utterance, text });
    } else {
      close();
      if (message.type === "finish") {
        send({ type: "final", utterance: message.utterance, text: decoder.hypothesis() });
      }
    }
  });
  send({ type: "ready" });
}

if (parentPort) {
  try {
    serve(parentPort, workerData);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    parentPort.postMessage({ type: "unusable", message } satisfies FromDecoder);
    parentPort.close();
  }
}
