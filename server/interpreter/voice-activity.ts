import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { EngineError } from "./engines.ts";
import { WINDOW } from "./endpointing.ts";
import { levelOf } from "./level.ts";
import { createModelGate } from "./model-gate.ts";

export type ToWorker =
  /** One or more inputs of the model, one after the other. */
  | { type: "judge"; request: number; stream: number; inputs: Int16Array }
  | { type: "close-stream"; stream: number }
  | { type: "close" };

export type FromWorker =
  | { type: "ready" }
  | { type: "judged"; request: number; probabilities: number[] }
  | { type: "failed"; request: number; message: string };

export type VoiceActivityStream = {
  /**
   * How probably each of the next windows (512 samples, 32 ms at 16 kHz) holds speech, 0 to 1. To judge
   * several at once is cheaper than one after the other. Rejects with an `EngineError` when the
   * detector has died; it starts again by itself.
   */
  judge(windows: readonly Int16Array[]): Promise<number[]>;
  close(): void;
};

export type VoiceActivityDetector = {
  /** One stream a speaker: the detector remembers what it heard before. */
  open(): VoiceActivityStream;
  close(): Promise<void>;
};

export type VoiceActivityOptions = {
  /** The Silero v5 model in ONNX. */
  model?: string;
  /** Starts the thread; a test's own keeps hold of it. */
  startWorker?: (model: string) => Worker;
  /** Asks the model about every window, also where it is plain what it would say. */
  ungated?: boolean;
};

/** Samples of the window before that Silero v5 wants in front of each. */
const CONTEXT = 64;
/** Samples of one input of the model. */
export const INPUT = CONTEXT + WINDOW;
/** A worker that dies sooner than this after its start isn't started again at once. */
const RESTART_MS = 1_000;

/**
 * A worker that takes longer to close is stopped: late, for onnxruntime ends the whole process when its
 * thread is stopped at work.
 */
const CLOSE_MS = 3_000;

type Pending = {
  resolve: (probabilities: number[]) => void;
  reject: (error: EngineError) => void;
};

/** The voice activity detector of the process: Silero in one worker thread, for all speakers. */
export async function createVoiceActivityDetector(
  options: VoiceActivityOptions = {},
): Promise<VoiceActivityDetector> {
  const model = options.model ?? sileroModel();
  const startWorker = options.startWorker ?? startVoiceActivityWorker;
  const pending = new Map<number, Pending>();
  let requests = 0;
  let streams = 0;
  let closed = false;
  let restart: NodeJS.Timeout | undefined;
  let worker: Worker | undefined = await start();

  async function start(): Promise<Worker> {
    const started = startWorker(model);
    const startedAt = performance.now();
    await new Promise<void>((resolve, reject) => {
      started.once("error", reject);
      started.once("message", () => resolve());
      started.once("exit", (code) => reject(new Error(`the worker exited with ${code}`)));
    }).catch((error: unknown) => {
      throw new EngineError("unavailable", "voice activity detection cannot start", {
        cause: error,
      });
    });
    started.on("message", receive);
    started.on("error", () => {
      // `exit` follows, and says the same for every way to die.
    });
    started.once("exit", () => onExit(startedAt));
    return started;
  }

  function onExit(startedAt: number): void {
    worker = undefined;
    for (const { reject } of pending.values()) reject(unavailable());
    pending.clear();
    if (closed) return;
    const wait = performance.now() - startedAt < RESTART_MS ? RESTART_MS : 0;
    restart = setTimeout(() => void again(), wait);
  }

  async function again(): Promise<void> {
    try {
      const started = await start();
      if (closed) await started.terminate();
      else worker = started;
    } catch {
      // Streams go on rejecting, which their readers report; the next attempt may succeed.
      if (!closed) restart = setTimeout(() => void again(), RESTART_MS);
    }
  }

  function receive(message: FromWorker): void {
    if (message.type === "ready") return;
    const request = pending.get(message.request);
    pending.delete(message.request);
    if (message.type === "judged") request?.resolve(message.probabilities);
    else request?.reject(new EngineError("failed", message.message));
  }

  function ask(stream: number, inputs: Int16Array): Promise<number[]> {
    if (!worker) return Promise.reject(unavailable());
    const asked = worker;
    return new Promise((resolve, reject) => {
      const request = (requests += 1);
      pending.set(request, { resolve, reject });
      // Not transferred: for a few kilobytes that takes longer than to copy them.
      asked.postMessage({ type: "judge", request, stream, inputs } satisfies ToWorker);
    });
  }

  return {
    open() {
      const stream = (streams += 1);
      let context = new Int16Array(CONTEXT);
      const gate = options.ungated ? undefined : createModelGate();
      return {
        async judge(windows) {
          const probabilities = windows.map(() => 0);
          const inputs = new Int16Array(windows.length * INPUT);
          const asked: { index: number; level: number }[] = [];
          for (const [index, window] of windows.entries()) {
            if (window.length !== WINDOW) throw new RangeError(`a window has ${WINDOW} samples`);
            const level = levelOf(window);
            const foreseen = gate?.foresee(level);
            if (foreseen === undefined) {
              inputs.set(context, asked.length * INPUT);
              inputs.set(window, asked.length * INPUT + CONTEXT);
              asked.push({ index, level });
            } else {
              probabilities[index] = foreseen;
            }
            context = window.slice(-CONTEXT);
          }
          if (asked.length === 0) return probabilities;
          const judged = await ask(stream, inputs.slice(0, asked.length * INPUT));
          for (const [at, { index, level }] of asked.entries()) {
            const probability = judged[at] ?? 0;
            gate?.judged(level, probability);
            probabilities[index] = probability;
          }
          return probabilities;
        },
        close: () => worker?.postMessage({ type: "close-stream", stream } satisfies ToWorker),
      };
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(restart);
      const closing = worker;
      if (!closing) return;
      const exited = new Promise((resolve) => closing.once("exit", resolve));
      closing.postMessage({ type: "close" } satisfies ToWorker);
      const impatience = setTimeout(() => void closing.terminate(), CLOSE_MS);
      await exited;
      clearTimeout(impatience);
    },
  };
}

export function startVoiceActivityWorker(model: string): Worker {
  const file = new URL("./voice-activity-worker.ts", import.meta.url);
  return new Worker(file, { workerData: model });
}

const unavailable = () =>
  new EngineError("unavailable", "voice activity detection is down", { retryable: true });

function sileroModel(): string {
  const manifest = createRequire(import.meta.url).resolve("@ricky0123/vad-web/package.json");
  return join(dirname(manifest), "dist", "silero_vad_v5.onnx");
}
