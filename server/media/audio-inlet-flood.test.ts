import { expect, it, vi } from "vitest";
import { createOpusEncoder, SPEAKING_FRAME } from "./opus.ts";
import { buildRtp } from "./rtp-packet.ts";
import { openBackdoor } from "./testing/backdoor.ts";
import { openMedia } from "./testing/open-media.ts";
import { tone } from "./testing/tone.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const made = vi.hoisted(() => ({ decoders: 0 }));
vi.mock(import("./opus.ts"), async (original) => {
  const opus = await original();
  const createOpusDecoder = () => {
    made.decoders += 1;
    return opus.createOpusDecoder();
  };
  return { ...opus, createOpusDecoder };
});

it("makes no decoder for each packet of a flood in which each begins anew", async () => {
  const room = await (await openMedia()).openRoom("room");
  const backdoor = openBackdoor(room);
  const { producer, ssrc } = await backdoor.produce();
  const stop = new AbortController();
  const inlet = room.openInlet(producer.id, stop);
  const reading = (async () => {
    for await (const _ of inlet);
  })();
  let came = 0;
  (await backdoor.consume(producer.id)).on("rtp", () => (came += 1));
  const payload = createOpusEncoder().encode(tone(440, SPEAKING_FRAME));
  const startedAt = performance.now();
  for (let sent = 0; sent < 1_500; sent += 1) {
    // Further than any loss reaches.
    const position = { sequence: sent * 150, timestamp: sent * 150 * 960 };
    producer.send(buildRtp({ payloadType: 100, ssrc, marker: false, payload, ...position }));
    if (sent % 50 === 0) await backdoor.settle();
  }
  await eventually(() => expect(came).toBeGreaterThan(1_400));
  // Five seconds of sound may come at once, 20 ms a packet, and after that no more than time passes.
  const possible = (5_000 + performance.now() - startedAt) / 20;
  expect(made.decoders).toBeGreaterThan(200);
  expect(made.decoders).toBeLessThan(possible + 10);
  stop.abort();
  await reading;
});
