import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { openAsBlob } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../server/testing/test-server.ts";
import { mp3 } from "../../server/testing/sound-files.ts";
import { createParley, type Parley, toParleyError } from "./index.ts";

let server: TestServer;
let parley: Parley;
const opened: Parley[] = [];

async function open(name: string, url = server.url): Promise<Parley> {
  const next = createParley({ url });
  opened.push(next);
  await next.signIn({ name, language: "en" });
  return next;
}

beforeAll(async () => {
  server = await startTestServer();
  parley = await open("Ann");
});
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
  await server.close();
});

const sound = (frames = 100) => new Blob([new Uint8Array(mp3(frames))]);
const reasonOf = async (work: Promise<unknown>) =>
  toParleyError(await work.catch((e: unknown) => e)).reason;

describe("a file", () => {
  it("goes to the server and comes back, and tells how far it is", async () => {
    const progress: [number, number][] = [];
    const content = sound(3000);
    const upload = await parley.upload(content, {
      kind: "voice-reference",
      name: 'My "voice".mp3',
      onProgress: (sent, total) => progress.push([sent, total]),
    });
    expect(upload).toMatchObject({
      kind: "voice-reference",
      contentType: "audio/mpeg",
      bytes: content.size,
    });
    const [sent, total] = progress.at(-1) ?? [];
    expect(sent).toBe(total);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.map(([bytes]) => bytes)).toEqual(
      progress.map(([bytes]) => bytes).toSorted((a, b) => a - b),
    );
    const back = await parley.download(upload.url);
    expect(back.type).toBe("audio/mpeg");
    expect(await back.bytes()).toEqual(await content.bytes());
    const { items } = await parley.api.upload.list.query({});
    expect(items).toContainEqual(upload);
  });

  it("may lie on the disk, and go into a room", async () => {
    const directory = mkdtempSync(join(tmpdir(), "parley-sdk-"));
    try {
      writeFileSync(join(directory, "said.mp3"), mp3());
      const { id: roomId } = await parley.api.room.create.mutate({ name: "Kitchen" });
      const file = await openAsBlob(join(directory, "said.mp3"));
      const upload = await parley.upload(file, { kind: "room-audio", roomId, name: "said.mp3" });
      expect(upload).toMatchObject({ kind: "room-audio", name: "said.mp3" });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("can be called back on its way", async () => {
    const stopping = new AbortController();
    const sending = parley.upload(sound(20_000), {
      kind: "voice-reference",
      signal: stopping.signal,
      onProgress: () => stopping.abort(new Error("changed my mind")),
    });
    await expect(sending).rejects.toThrow("changed my mind");
    await expect
      .poll(async () => (await parley.api.upload.list.query({})).items)
      .not.toContainEqual(expect.objectContaining({ bytes: 20_000 * 417 }));
    await expect(
      parley.upload(sound(), { kind: "avatar", signal: stopping.signal }),
    ).rejects.toThrow("changed my mind");
  });
});

describe("what goes wrong", () => {
  it("has a reason", async () => {
    const text = new Blob(["hello"]);
    expect(await reasonOf(parley.upload(text, { kind: "avatar" }))).toBe("UPLOAD_TYPE_REFUSED");
    expect(await reasonOf(parley.upload(text, { kind: "room-photo", roomId: "none" }))).toBe(
      "ROOM_NOT_FOUND",
    );
    expect(await reasonOf(parley.download("/uploads/nothing"))).toBe("UPLOAD_NOT_FOUND");
    const nobody = createParley({ url: server.url });
    opened.push(nobody);
    expect(await reasonOf(nobody.upload(sound(), { kind: "voice-reference" }))).toBe(
      "NOT_SIGNED_IN",
    );
  });

  it("can be that nobody answers", async () => {
    const other = await startTestServer();
    const lost = await open("Ben", other.url);
    await other.close();
    expect(await reasonOf(lost.upload(sound(), { kind: "voice-reference" }))).toBe(
      "CONNECTION_LOST",
    );
    expect(await reasonOf(lost.download("/uploads/x"))).toBe("CONNECTION_LOST");
  });

  it("can be that a file is somewhere else: nobody there is told who asks", async () => {
    expect(await reasonOf(parley.download("https://elsewhere.example/uploads/x"))).toBe(
      "UPLOAD_NOT_FOUND",
    );
    expect(await reasonOf(parley.download("//elsewhere.example/uploads/x"))).toBe(
      "UPLOAD_NOT_FOUND",
    );
  });
});
