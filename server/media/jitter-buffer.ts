import { type RtpPacket, sequenceDistance } from "./rtp-packet.ts";

/**
 * What comes out, in order: packets, the number of packets that are missing before the next, and
 * `restart` where what follows has nothing to do with what came before.
 */
export type JitterItem =
  | { type: "packet"; packet: RtpPacket }
  | { type: "lost"; count: number }
  | { type: "restart" };

export type JitterBuffer = {
  /** Takes a packet and gives what can be played now. Latecomers and duplicates give nothing. */
  push(packet: RtpPacket, now: number): JitterItem[];
  /** Gives up on what has been missing for too long. Call it at `dueAt`, in ms. */
  flush(now: number): JitterItem[];
  readonly dueAt: number | undefined;
};

/** A missing packet is waited for so long, in ms: what asking for it once more takes. */
const WAIT_MS = 60;
/**
 * A jump of the sequence beyond this is a new stream, not a loss: two seconds. It also bounds how
 * many packets can wait.
 */
const JUMP = 100;

/** Puts packets into their order. In order they pass at once: no delay where there is no loss. */
export function createJitterBuffer(): JitterBuffer {
  let ssrc: number | undefined;
  let next = 0;
  let waiting: { packet: RtpPacket; at: number }[] = [];

  function take(now: number): JitterItem[] {
    const items: JitterItem[] = [];
    for (;;) {
      const first = waiting[0];
      if (!first) return items;
      const gap = sequenceDistance(first.packet.sequence, next);
      if (gap > 0) {
        if (now - first.at < WAIT_MS) return items;
        items.push({ type: "lost", count: gap });
      }
      waiting.shift();
      next = (first.packet.sequence + 1) & 0xffff;
      items.push({ type: "packet", packet: first.packet });
    }
  }

  return {
    push(packet, now) {
      const distance = sequenceDistance(packet.sequence, next);
      if (packet.ssrc !== ssrc || Math.abs(distance) > JUMP) {
        ssrc = packet.ssrc;
        next = (packet.sequence + 1) & 0xffff;
        const held = waiting.map((other): JitterItem => ({ type: "packet", packet: other.packet }));
        waiting = [];
        return [...held, { type: "restart" }, { type: "packet", packet }];
      }
      if (distance < 0) return [];
      const index = waiting.findIndex(
        (other) => sequenceDistance(other.packet.sequence, packet.sequence) >= 0,
      );
      if (waiting[index]?.packet.sequence === packet.sequence) return [];
      waiting.splice(index < 0 ? waiting.length : index, 0, { packet, at: now });
      return take(now);
    },
    flush: take,
    get dueAt() {
      const first = waiting[0];
      return first && first.at + WAIT_MS;
    },
  };
}
