import { createWorker } from "mediasoup";
import { expect, it, onTestFinished } from "vitest";
import { MediaRoom } from "./media-room.ts";
import { Pacer } from "./pacer.ts";

it("leaves nothing of its transports in the worker's server when it closes", async () => {
  const worker = await createWorker();
  onTestFinished(() => worker.close());
  const listenInfos = [{ protocol: "udp" as const, ip: "127.0.0.1" }];
  const webRtcServer = await worker.createWebRtcServer({ listenInfos });
  const unhandled: string[] = [];
  webRtcServer.observer.on("webrtctransportunhandled", ({ id }) => unhandled.push(id));
  const router = await worker.createRouter();
  const direct = await router.createDirectTransport();
  const room = new MediaRoom({ worker, router, direct, webRtcServer, pacer: new Pacer() });
  const transports = [await room.createTransport(), await room.createTransport()];
  transports[0]?.close();
  room.close();
  expect(unhandled).toEqual(transports.map(({ id }) => id));
  expect(room.closed).toBe(true);
});
