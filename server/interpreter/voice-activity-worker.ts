import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type FromWorker, INPUT, type ToWorker } from "./voice-activity.ts";

/**
 * Runs Silero for all speakers of the process. onnxruntime's `run` blocks its thread, which is why
 * it has one of its own. Windows are taken in the order in which they come.
 */
const port = parentPort;
if (!port) throw new Error("voice-activity-worker runs as a worker thread");
const tell = (message: FromWorker) => port.postMessage(message);

const session = await InferenceSession.create(String(workerData), {
  // A window takes 0.2 ms: handing parts of it to other threads would take longer.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});
const rate = new Tensor("int64", BigInt64Array.of(16_000n), []);
const states = new Map<number, Tensor>();

async function judge(stream: number, input: Int16Array): Promise<number> {
  // A loop, because `Float32Array.from` with a function takes as long as a tenth of the model.
  const samples = new Float32Array(input.length);
  for (let index = 0; index < input.length; index += 1) {
    samples[index] = (input[index] ?? 0) / 32_768;
  }
  const { output, stateN } = await session.run({
    input: new Tensor("float32", samples, [1, samples.length]),
    state: states.get(stream) ?? new Tensor("float32", new Float32Array(256), [2, 1, 128]),
    sr: rate,
  });
  const probability = output?.data[0];
  if (typeof probability !== "number" || !stateN) throw new Error("Silero gave no probability");
  states.set(stream, stateN);
  return probability;
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case "judge":
      try {
        const { request, stream, inputs } = message;
        const probabilities: number[] = [];
        for (let at = 0; at < inputs.length; at += INPUT) {
          probabilities.push(await judge(stream, inputs.subarray(at, at + INPUT)));
        }
        tell({ type: "judged", request, probabilities });
      } catch (error) {
        tell({ type: "failed", request: message.request, message: String(error) });
      }
      break;
    case "close-stream":
      states.delete(message.stream);
      break;
    case "close":
      await session.release();
      port?.close();
      break;
  }
}

let line: Promise<void> = Promise.resolve();
port.on("message", (message: ToWorker) => {
  line = line.then(() => handle(message));
});
tell({ type: "ready" });
