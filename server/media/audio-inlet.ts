import { type Consumer } from "mediasoup/types";
import { AsyncQueue } from "../kit/async-queue.ts";
import { HEARING_RATE, type PcmFrame } from "../kit/pcm.ts";
import { createJitterBuffer, type JitterItem } from "./jitter-buffer.ts";
import { createOpusDecoder, FRAME_MS } from "./opus.ts";
import { parseRtp } from "./rtp-packet.ts";

/** A microphone with discontinuous transmission stops sending in a pause; so does a cut network. */
const QUIET_AFTER_MS = 60;
/** Silence is made up for so long: three times what ends an utterance. Then nothing is missed. */
const SILENCE_LIMIT_MS = 1_000;
/** Lost packets in a row that are concealed; more of it sounds like a robot, and is silence here. */
const CONCEALED_FRAMES = 5;
/** Frames that wait for a slow reader: 5 s. */
const WAITING_FRAMES = 250;

const FRAME = (HEARING_RATE * FRAME_MS) / 1000;

/**
 * What `consumer` receives as PCM: in order, losses concealed, pauses in the transmission filled with
 * silence in real time, so that whoever listens sees time pass. Closes the consumer at the end.
 */
export function readInlet(consumer: Consumer, queue: AsyncQueue<PcmFrame>): void {
  const jitter = createJitterBuffer();
  const decoder = createOpusDecoder();
  let lastPacketAt = performance.now();
  let silentMs = SILENCE_LIMIT_MS;
  let timer: NodeJS.Timeout | undefined;

  const push = (samples: Int16Array, at: number) => {
    if (!queue.push({ samples, at })) stop();
  };

  function play(items: JitterItem[], at: number): void {
    for (const item of items) {
      if (item.type === "lost") {
        // Part of the gap may have been filled with silence while nothing came.
        const missing = item.count - Math.round(silentMs / FRAME_MS);
        for (let frame = 0; frame < Math.min(missing, CONCEALED_FRAMES); frame += 1) {
          push(decoder.conceal(), at);
        }
        continue;
      }
      try {
        push(decoder.decode(item.packet.payload), at);
      } catch {
        // Not Opus, whatever it says: what can't be decoded is as good as lost.
        push(decoder.conceal(), at);
      }
    }
  }

  function receive(bytes: Buffer): void {
    const packet = parseRtp(bytes);
    if (!packet || packet.payload.length === 0) return;
    const now = performance.now();
    play(jitter.push(packet, now), now);
    lastPacketAt = now;
    silentMs = 0;
  }

  /** Runs while the inlet is open; mostly it finds that a packet has just come. */
  function watch(): void {
    const now = performance.now();
    if (jitter.dueAt !== undefined && jitter.dueAt <= now) play(jitter.flush(now), now);
    const quietMs = now - lastPacketAt;
    while (silentMs + QUIET_AFTER_MS <= quietMs && silentMs < SILENCE_LIMIT_MS) {
      push(new Int16Array(FRAME), now);
      silentMs += FRAME_MS;
    }
    timer = setTimeout(watch, quietMs < QUIET_AFTER_MS ? QUIET_AFTER_MS - quietMs : FRAME_MS);
  }

  function stop(): void {
    clearTimeout(timer);
    consumer.off("rtp", receive);
    consumer.close();
    queue.end();
  }

  consumer.on("rtp", receive);
  consumer.observer.once("close", stop);
  watch();
}

export function createInletQueue(signal: AbortSignal): AsyncQueue<PcmFrame> {
  return new AsyncQueue<PcmFrame>({ limit: WAITING_FRAMES, signal });
}
