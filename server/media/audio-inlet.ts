import type { Consumer } from "mediasoup/types";
import { AsyncQueue } from "../kit/async-queue.ts";
import { HEARING_RATE, type PcmFrame } from "../kit/pcm.ts";
import { createJitterBuffer, type JitterItem } from "./jitter-buffer.ts";
import { createOpusDecoder, FRAME_MS } from "./opus.ts";
import { parseRtp } from "./rtp-packet.ts";

/** A microphone with discontinuous transmission stops sending in a pause; so does a cut network. */
const QUIET_AFTER_MS = 60;
/**
 * Silence is made up for so long, well beyond the pause that ends an utterance. Then listening can
 * rest until sound comes: a muted microphone costs nothing.
 */
const SILENCE_LIMIT_MS = 600;
/**
 * While packets come, whether they still do is looked at so often. The silence that was missed is made
 * up at once then, long before a pause ends an utterance.
 */
const LOOK_MS = 200;
/**
 * Nobody falls silent within a word: what doesn't come then is late rather than over, and silence put
 * in its place would stay there, in the middle of the word, when it does come.
 */
const LATE_MS = 500;
/** Below this (-50 dB of full scale) there is breath at most, and a pause may follow. */
const SOFT_LEVEL = 100;
/** An encoder with discontinuous transmission says by one packet of this size that it rests. */
const RESTING_BYTES = 2;
/** Silence is made up in pieces of this length. */
const PIECE_MS = 40;
/** Loss in a row that is concealed; more of it sounds like a robot, and is silence here. */
const CONCEALED_MS = 100;
/** Frames that wait for a slow reader: 5 s. */
const WAITING_FRAMES = 250;
/** Sound that may come at once, after a stall of the network. A flood is not even decoded. */
const BURST_MS = 5_000;

const FRAME = (HEARING_RATE * FRAME_MS) / 1000;

function isSoft(samples: Int16Array): boolean {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum < samples.length * SOFT_LEVEL ** 2;
}

const durationOf = (samples: Int16Array) => (samples.length / HEARING_RATE) * 1000;

/**
 * Calls `callback` once the packets are read that wait for this process. After a stall of it there may
 * be many, and nothing was quiet. mediasoup itself hands them on a turn after it has read them.
 */
function afterWhatHasCome(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}

/** What waits between an inlet and its reader. */
export function createInletQueue(signal: AbortSignal): AsyncQueue<PcmFrame> {
  return new AsyncQueue<PcmFrame>({ limit: WAITING_FRAMES, signal });
}

/**
 * Puts what `consumer` receives into `queue` as PCM: in order, losses concealed, pauses in the
 * transmission filled with silence in real time, so that whoever listens sees time pass. The
 * consumer closes when the queue ends, and the queue ends when the consumer closes.
 */
export function readInlet(consumer: Consumer, queue: AsyncQueue<PcmFrame>): void {
  const jitter = createJitterBuffer();
  let decoder = createOpusDecoder();
  /** The next packet continues nothing that the decoder knows of. */
  let restarted = false;
  let packetMs = FRAME_MS;
  let lastPacketAt = performance.now();
  /** Silence made up since the last sound. None before the first. */
  let filledMs = SILENCE_LIMIT_MS;
  /** Without a packet for so long: a pause. */
  let patienceMs = QUIET_AFTER_MS;
  /** The last packet said that none will follow for a while. */
  let resting = false;
  let credit = { ms: BURST_MS, at: lastPacketAt };
  let timer: NodeJS.Timeout | undefined;
  let watchAt = Infinity;
  let stopped = false;

  /** ms after the last packet at which made up silence begins: what won't come isn't waited for. */
  const fillAfterMs = () => (resting ? packetMs : QUIET_AFTER_MS);

  function push(samples: Int16Array, at: number): void {
    if (!queue.push({ samples, at })) stop();
  }

  function playPacket(payload: Uint8Array, at: number): void {
    // A probe for bandwidth: it has a number, but no sound.
    if (payload.length === 0) return;
    credit = { ms: Math.min(BURST_MS, credit.ms + at - credit.at), at };
    if (credit.ms < 0) return;
    // Only now: a flood that begins anew with each packet shall not cost a decoder each time.
    if (restarted) decoder = createOpusDecoder();
    restarted = false;
    let samples: Int16Array;
    try {
      samples = decoder.decode(payload);
      packetMs = durationOf(samples);
    } catch {
      // What is no Opus, whatever it says, is as good as lost.
      samples = decoder.conceal();
    }
    credit.ms -= durationOf(samples);
    resting = payload.length <= RESTING_BYTES;
    // In a pause a packet comes from time to time that refreshes the noise of it.
    const pausing = filledMs > 0 || isSoft(samples);
    filledMs = 0;
    patienceMs = resting || pausing ? fillAfterMs() : LATE_MS;
    push(samples, at);
  }

  function playLost(count: number, at: number): void {
    // Part of the gap may have been filled while nothing came.
    const missingMs = Math.min(count * packetMs - filledMs, SILENCE_LIMIT_MS);
    // After silence the decoder would make up the sound from before it.
    const concealedMs = filledMs > 0 ? 0 : Math.min(missingMs, CONCEALED_MS);
    let playedMs = 0;
    while (playedMs < concealedMs) {
      const samples = decoder.conceal();
      playedMs += durationOf(samples);
      push(samples, at);
    }
    for (; playedMs + FRAME_MS <= missingMs; playedMs += FRAME_MS) push(new Int16Array(FRAME), at);
  }

  function play(items: JitterItem[], at: number): void {
    for (const item of items) {
      if (item.type === "packet") playPacket(item.packet.payload, at);
      else if (item.type === "lost") playLost(item.count, at);
      else restarted = true;
    }
  }

  function receive(bytes: Buffer): void {
    const packet = parseRtp(bytes);
    if (!packet) return;
    lastPacketAt = performance.now();
    play(jitter.push(packet, lastPacketAt), lastPacketAt);
    watchFrom(lastPacketAt);
  }

  /** Wakes up in time for what will be overdue: a packet that is missing, or any packet at all. */
  function watchFrom(now: number): void {
    const filling = resting || filledMs > 0;
    const afterMs = filling ? fillAfterMs() + filledMs + PIECE_MS : Math.max(LOOK_MS, patienceMs);
    const fillAt = filledMs < SILENCE_LIMIT_MS ? lastPacketAt + afterMs : Infinity;
    const at = Math.min(fillAt, jitter.dueAt ?? Infinity);
    if (at >= watchAt) return;
    clearTimeout(timer);
    watchAt = at;
    timer = setTimeout(afterWhatHasCome, Math.max(1, Math.ceil(at - now)), watch);
  }

  function watch(): void {
    watchAt = Infinity;
    if (stopped) return;
    if (queue.ended) return stop();
    const now = performance.now();
    if (jitter.dueAt !== undefined && jitter.dueAt <= now) play(jitter.flush(now), now);
    const quietMs = now - lastPacketAt;
    if (filledMs > 0 || quietMs >= patienceMs) fillUntil(quietMs);
    watchFrom(now);
  }

  function fillUntil(quietMs: number): void {
    while (filledMs < SILENCE_LIMIT_MS && filledMs + fillAfterMs() <= quietMs) {
      // What was waited for counts from when it was missing.
      push(new Int16Array(FRAME), lastPacketAt + fillAfterMs() + filledMs);
      filledMs += FRAME_MS;
    }
  }

  function stop(): void {
    clearTimeout(timer);
    stopped = true;
    consumer.off("rtp", receive);
    consumer.close();
    queue.end();
  }

  consumer.on("rtp", receive);
  consumer.observer.once("close", stop);
}
