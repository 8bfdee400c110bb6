import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { launchChromium, openPage } from "./chromium.ts";
import { soundCorrelation } from "./correlation.ts";
import { takeRecording } from "./recording.ts";
import { microphoneSound } from "./speech.ts";
import { writeWav } from "./wav.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function emptySite(): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>nothing</title>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("a page hears over WebRTC what its microphone's file says, when it says it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "parley-chromium-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const { sound, spoken } = await microphoneSound({
    texts: ["the doctor will see you in ten minutes"],
    voice: "slt",
    leadInMs: 2000,
    pauseMs: 500,
  });
  const microphone = join(folder, "microphone.wav");
  await writeWav(microphone, sound);
  const browser = await launchChromium({ microphone });
  closers.push(() => browser.close());
  const page = await openPage(browser);
  await page.goto(await emptySite());

  const openedAt = await page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    const at = Date.now();
    const [sender, receiver] = [new RTCPeerConnection(), new RTCPeerConnection()];
    sender.addEventListener("icecandidate", (e) => void receiver.addIceCandidate(e.candidate));
    receiver.addEventListener("icecandidate", (e) => void sender.addIceCandidate(e.candidate));
    receiver.addEventListener("track", ({ track }) => {
      const audio = new Audio();
      audio.srcObject = new MediaStream([track]);
      void audio.play();
      void window.parleyProbe.record("heard", track);
    });
    for (const track of stream.getTracks()) sender.addTrack(track, stream);
    await sender.setLocalDescription();
    await receiver.setRemoteDescription(sender.localDescription ?? { type: "offer" });
    await receiver.setLocalDescription();
    await sender.setRemoteDescription(receiver.localDescription ?? { type: "answer" });
    return at;
  });
  const [sentence] = spoken;
  if (!sentence) throw new Error("a sentence was said");
  await page.waitForTimeout(sentence.endMs + 700);

  const recording = await takeRecording(page, "heard");
  const onset = recording.onset(openedAt, openedAt + 10_000);
  expect(onset).toBeGreaterThan(openedAt + sentence.startMs - 200);
  expect(onset).toBeLessThan(openedAt + sentence.startMs + 500);
  expect(soundCorrelation(sound, recording.sound).correlation).toBeGreaterThan(0.85);
  const before = recording.between(openedAt, openedAt + sentence.startMs - 200);
  expect(Math.max(...before.samples)).toBeLessThan(600);
  expect(await page.evaluate(() => window.parleyProbe.audioLevelExtension())).toBeGreaterThan(0);
  expect(await page.evaluate(() => window.parleyProbe.mediaPorts())).not.toEqual([]);
  expect(await page.evaluate(() => window.parleyProbe.microphones.length)).toBe(1);
});
