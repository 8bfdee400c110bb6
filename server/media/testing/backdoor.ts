import { randomInt } from "node:crypto";
import type { Consumer, Producer } from "mediasoup/types";
import type { MediaRoom } from "../media-room.ts";

/** Lets a test send and receive a room's RTP packets itself, without a browser. */
export function openBackdoor(room: MediaRoom) {
  const direct = room.direct;
  return {
    async produce(): Promise<{ producer: Producer; ssrc: number }> {
      const ssrc = randomInt(1, 0x1_0000_0000);
      const producer = await direct.produce({
        kind: "audio",
        rtpParameters: {
          mid: String(ssrc),
          codecs: [
            {
              mimeType: "audio/opus",
              payloadType: 100,
              clockRate: 48_000,
              channels: 2,
              parameters: {},
            },
          ],
          encodings: [{ ssrc }],
          rtcp: { cname: "test" },
        },
      });
      return { producer, ssrc };
    },

    consume(producerId: string): Promise<Consumer> {
      return direct.consume({ producerId, rtpCapabilities: room.rtpCapabilities });
    },

    /** Resolves when the worker has done what was asked of it before. */
    async settle(): Promise<void> {
      await direct.getStats();
    },
  };
}
