import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Upload } from "../../shared/upload.ts";
import { startS3Server } from "../storage/testing/s3-server.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { adts, mp3, mp4, tone, webm } from "../testing/sound-files.ts";

let server: TestServer;
type Person = Awaited<ReturnType<TestServer["signIn"]>>;

const QUOTA = 400_000;

beforeAll(async () => {
  server = await startTestServer({
    environment: {
      UPLOAD_GUEST_QUOTA_BYTES: `${QUOTA}`,
      UPLOAD_PHOTO_BYTES: "300000",
      UPLOAD_IMAGE_PIXELS: "4000000",
      UPLOAD_AUDIO_SECONDS: "60",
    },
  });
});
afterAll(() => server.close());

// Uploads leave only the loaders that they need. The tests read what comes out from memory.
beforeAll(() =>
  sharp.unblock({
    operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif"].map(
      (name) => `VipsForeignLoad${name}Buffer`,
    ),
  }),
);

type Answer = { status: number; reason?: string | undefined; upload: Upload; headers: Headers };

async function send(
  person: Pick<Person, "token"> | undefined,
  path: string,
  content: Uint8Array | string | undefined,
  options: { name?: string; type?: string; roomId?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const form = new FormData();
  if (options.roomId !== undefined) form.set("roomId", options.roomId);
  if (content !== undefined) {
    const bytes = typeof content === "string" ? content : new Uint8Array(content);
    form.set("file", new Blob([bytes], { type: options.type ?? "" }), options.name ?? "a.bin");
  }
  const answer = await fetch(`${server.url}/uploads/${path}`, {
    method: "POST",
    body: form,
    headers: { ...authorization(person), ...options.headers },
  });
  const body = (await answer.json()) as Upload & { error?: { data: { reason: string } } };
  return {
    status: answer.status,
    reason: body.error?.data.reason,
    upload: body,
    headers: answer.headers,
  };
}

const authorization = (person: Pick<Person, "token"> | undefined): Record<string, string> =>
  person ? { authorization: `Bearer ${person.token}` } : {};

const get = (person: Person | undefined, url: string, headers: Record<string, string> = {}) =>
  fetch(new URL(url, server.url), { headers: { ...authorization(person), ...headers } });

async function bytesOf(answer: Response): Promise<Buffer> {
  return Buffer.from(await answer.arrayBuffer());
}

const picture = (width = 40, height = 30) =>
  sharp({ create: { width, height, channels: 3, background: "#c63" } });

/** Pixels that nothing makes small. */
const noise = (edge: number) => {
  const bytes = new Uint8Array(edge * edge * 3);
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return sharp(bytes, { raw: { width: edge, height: edge, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
};

async function meeting() {
  const [ann, ben, eve] = await Promise.all([
    server.signIn("Ann"),
    server.signIn("Ben"),
    server.signIn("Eve"),
  ]);
  const { id: roomId } = await ann.client.room.create.mutate({ name: "Kitchen" });
  await ben.client.room.join.mutate({ roomId });
  return { ann, ben, eve, roomId };
}

/** Whatever lies in the folders of uploads. */
function filesOnDisk(): string[] {
  const folder = join(server.directory, "uploads");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const used = async (person: Person) => (await person.client.upload.list.query({})).quota.usedBytes;

describe("pictures", () => {
  it("come out as WebP, without anything that was not picture", async () => {
    const { ann, roomId } = await meeting();
    const withPlace = await picture(60, 40)
      .withExif({
        IFD0: { Make: "SecretCam" },
        IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 8/1 0/1" },
      })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect((await sharp(withPlace).metadata()).exif?.toString("latin1")).toContain("SecretCam");
    const { status, upload } = await send(ann, "room-photo", withPlace, {
      roomId,
      name: "Home.JPG",
    });
    expect(status).toBe(200);
    // It was on its side.
    expect(upload).toMatchObject({
      contentType: "image/webp",
      width: 40,
      height: 60,
      name: "Home.webp",
    });
    const stored = await bytesOf(await get(ann, upload.url));
    expect(stored.length).toBe(upload.bytes);
    const { format, exif, icc, xmp, orientation } = await sharp(stored).metadata();
    expect({ format, exif, icc, xmp, orientation }).toEqual({ format: "webp" });
    expect(stored.toString("latin1")).not.toMatch(/SecretCam|Exif|GPS/u);
  });

  it.each(["png", "webp", "gif", "avif"] as const)("may be %s", async (format) => {
    const { ann } = await meeting();
    const { upload } = await send(ann, "avatar", await picture().toFormat(format).toBuffer());
    expect(upload).toMatchObject({ contentType: "image/webp", width: 512, height: 512 });
  });

  it("of an animation are its first frame", async () => {
    const { ann, roomId } = await meeting();
    const frames = await Promise.all(
      ["#f00", "#00f"].map((background) =>
        sharp({ create: { width: 20, height: 20, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const moving = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(moving).metadata()).pages).toBe(2);
    const { upload } = await send(ann, "room-photo", moving, { roomId });
    expect(upload).toMatchObject({ width: 20, height: 20 });
    expect(
      (await sharp(await bytesOf(await get(ann, upload.url))).metadata()).pages,
    ).toBeUndefined();
  });

  it("are known by their content, whatever they are called", async () => {
    const { ann, roomId } = await meeting();
    const page = "<!doctype html><script>alert(1)</script>";
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script/></svg>';
    const refused: [string, Uint8Array | string, string][] = [
      ["photo.png", page, "image/png"],
      ["photo.png", drawing, "image/png"],
      ["drawing.svg", drawing, "image/svg+xml"],
      ["drawing.svg", `<?xml version="1.0"?>\n${drawing}`, "image/svg+xml"],
      ["photo.jpg", "%PDF-1.7\n", "image/jpeg"],
      ["photo.tiff", await picture().tiff().toBuffer(), "image/tiff"],
      ["photo.png", mp3(), "image/png"],
    ];
    for (const [name, content, type] of refused) {
      const { status, reason } = await send(ann, "room-photo", content, { roomId, name, type });
      expect([name, status, reason]).toEqual([name, 415, "UPLOAD_TYPE_REFUSED"]);
    }
    // A page behind a picture is gone with everything else that isn't picture.
    const both = Buffer.concat([await picture().png().toBuffer(), Buffer.from(page)]);
    const { upload } = await send(ann, "room-photo", both, {
      roomId,
      name: "page.html",
      type: "text/html",
    });
    expect((await bytesOf(await get(ann, upload.url))).toString("latin1")).not.toContain("script");
    expect(await used(ann)).toBe(upload.bytes);
  });

  it("that are cut off or damaged are refused", async () => {
    const { ann, roomId } = await meeting();
    const whole = await noise(200);
    const cut = whole.subarray(0, whole.length / 2);
    expect((await send(ann, "room-photo", cut, { roomId })).reason).toBe("IMAGE_INVALID");
    const png = await picture().png().toBuffer();
    const broken = Buffer.concat([png.subarray(0, 45), Buffer.alloc(50, 7)]);
    expect((await send(ann, "room-photo", broken, { roomId })).reason).toBe("IMAGE_INVALID");
    expect(await used(ann)).toBe(0);
  });

  it("with more pixels than memory is for are refused, however small the file", async () => {
    const { ann, roomId } = await meeting();
    const bomb = await sharp({
      create: { width: 9000, height: 9000, channels: 3, background: "#000" },
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(bomb.length).toBeLessThan(300_000);
    const { status, reason } = await send(ann, "room-photo", bomb, { roomId });
    expect([status, reason]).toEqual([413, "IMAGE_TOO_LARGE"]);
  });

  it("with more lines than there is time for are refused, however few pixels they have", async () => {
    const { ann, roomId } = await meeting();
    for (const [height, expected] of [
      [65_535, [200, undefined]],
      [65_536, [413, "IMAGE_TOO_LARGE"]],
    ] as const) {
      const strip = await picture(1, height).png().toBuffer();
      const { status, reason } = await send(ann, "room-photo", strip, { roomId });
      expect([status, reason]).toEqual(expected);
    }
  });
});

describe("sound", () => {
  it.each([
    ["wav", () => tone("wav"), "audio/wav", 1000],
    ["flac", () => tone("flac"), "audio/flac", 1000],
    ["ogg", () => tone("ogg"), "audio/ogg", 1000],
    ["mp3", () => mp3(), "audio/mpeg", 1306],
    ["m4a", () => mp4(), "audio/mp4", 2000],
    ["aac", () => adts(), "audio/aac", undefined],
    ["webm", () => webm(), "audio/webm", 1000],
  ] as const)("may be %s, and stays as it is", async (ending, make, contentType, durationMs) => {
    const { ann, roomId } = await meeting();
    const content = make();
    const { upload, reason } = await send(ann, "room-audio", content, {
      roomId,
      name: "said.html",
    });
    expect(reason).toBeUndefined();
    expect(upload).toMatchObject({ contentType, bytes: content.length, kind: "room-audio" });
    expect(upload.name).toBe(`said.${ending}`);
    if (durationMs !== undefined) expect(upload.durationMs).toBeCloseTo(durationMs, -1);
    const answer = await get(ann, upload.url);
    expect(answer.headers.get("content-type")).toBe(contentType);
    expect((await bytesOf(answer)).equals(content)).toBe(true);
  });

  it("is known by its content: no playlists, films, pages or pictures", async () => {
    const { ann, roomId } = await meeting();
    const refused: [string, Uint8Array | string][] = [
      ["list.mp3", "#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/secret.ts\n"],
      ["list.wav", "ffconcat version 1.0\nfile /etc/passwd\n"],
      ["page.mp3", `ID3\u0003${"\0".repeat(6)}<html><script>alert(1)</script></html>`],
      ["film.m4a", mp4({ video: true, brand: "isom" })],
      ["film.webm", webm({ video: true })],
      ["photo.mp3", await picture().jpeg().toBuffer()],
    ];
    for (const [name, content] of refused) {
      const { status, reason } = await send(ann, "room-audio", content, { roomId, name });
      expect([name, status, reason]).toEqual([name, 415, "UPLOAD_TYPE_REFUSED"]);
    }
  });

  it("without sound in it, or with too much, is refused", async () => {
    const { ann, roomId } = await meeting();
    const send_ = (content: Uint8Array) => send(ann, "room-audio", content, { roomId });
    expect((await send_(tone("wav").subarray(0, 30))).reason).toBe("AUDIO_INVALID");
    expect((await send_(mp4().subarray(0, 60))).reason).toBe("AUDIO_INVALID");
    expect((await send_(mp4({ seconds: 61 }))).reason).toBe("AUDIO_TOO_LONG");
    expect((await send_(webm({ seconds: 61 }))).reason).toBe("AUDIO_TOO_LONG");
    expect((await send_(mp3(61 * 39))).status).toBe(413);
    expect(await used(ann)).toBe(0);
  });
});

describe("who may send", () => {
  it("is who is signed in, into rooms where they may write", async () => {
    const { ann, ben, eve, roomId } = await meeting();
    const photo = await picture().png().toBuffer();
    expect((await send(undefined, "avatar", photo)).reason).toBe("NOT_SIGNED_IN");
    expect((await send({ token: "nonsense" }, "avatar", photo)).status).toBe(401);
    expect((await send(ann, "room-photo", photo)).reason).toBe("INPUT_INVALID");
    expect((await send(ann, "room-photo", photo, { roomId: "none" })).reason).toBe(
      "ROOM_NOT_FOUND",
    );
    expect((await send(eve, "room-photo", photo, { roomId })).status).toBeGreaterThanOrEqual(403);
    expect((await send(ann, `room-photo?roomId=${roomId}`, photo)).status).toBe(200);
    const { id: accountId } = ben.account;
    await ann.client.room.setRole.mutate({ roomId, accountId, role: "listener" });
    expect((await send(ben, "room-photo", photo, { roomId })).reason).toBe("ROLE_TOO_LOW");
  });

  it("isn't a page of another origin", async () => {
    const { ann } = await meeting();
    const origin = "https://evil.example";
    const photo = await picture().png().toBuffer();
    expect((await send(ann, "avatar", photo, { headers: { origin } })).status).toBe(403);
    expect((await get(ann, "/uploads/anything", { origin })).status).toBe(403);
  });

  it("has to send a form with one file of a kind that people send", async () => {
    const { ann } = await meeting();
    expect((await send(ann, "avatar", undefined)).reason).toBe("UPLOAD_EMPTY");
    expect((await send(ann, "avatar", "")).reason).toBe("UPLOAD_EMPTY");
    expect((await send(ann, "dubbed-voice", "x")).reason).toBe("INPUT_INVALID");
    expect((await send(ann, "everything", "x")).reason).toBe("INPUT_INVALID");
    const plain = await fetch(`${server.url}/uploads/avatar`, {
      method: "POST",
      body: "hello",
      headers: authorization(ann),
    });
    expect(plain.status).toBe(400);
    expect(await plain.json()).toMatchObject({ error: { data: { reason: "INPUT_INVALID" } } });
    const cut = await fetch(`${server.url}/uploads/avatar`, {
      method: "POST",
      body: '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      headers: { ...authorization(ann), "content-type": "multipart/form-data; boundary=x" },
    });
    expect(cut.status).toBe(400);
    expect(await used(ann)).toBe(0);
  });
});

describe("how much", () => {
  it("is bounded for one file, whether it says its size or not", async () => {
    const { ann, roomId } = await meeting();
    const large = new Uint8Array(330_000);
    const { status, reason } = await send(ann, "room-photo", large, { roomId });
    expect([status, reason]).toEqual([413, "UPLOAD_TOO_LARGE"]);
    const answer = await sendChunked(ann, `/uploads/room-photo?roomId=${roomId}`, [large]);
    expect(answer).toEqual([413, "UPLOAD_TOO_LARGE"]);
    expect(await used(ann)).toBe(0);
  });

  it("is bounded for everything that one has sent, also when it comes all at once", async () => {
    const { ann, roomId } = await meeting();
    const photo = await noise(180);
    const attempts = await Promise.all(
      Array.from({ length: 6 }, () =>
        sendChunked(ann, `/uploads/room-audio?roomId=${roomId}`, [tone("wav", 5)]),
      ),
    );
    expect(attempts.map(([status]) => status)).toContain(200);
    expect(attempts.map(([, reason]) => reason)).toContain("QUOTA_EXCEEDED");
    expect(await used(ann)).toBeLessThanOrEqual(QUOTA);
    const { items } = await ann.client.upload.list.query({});
    expect(items.length).toBe(attempts.filter(([status]) => status === 200).length);
    // Taking something away makes room again.
    for (const { id } of items) await ann.client.upload.remove.mutate({ uploadId: id });
    expect(await used(ann)).toBe(0);
    expect((await send(ann, "room-photo", photo, { roomId })).status).toBe(200);
  });
});

/** A form without its length said, in pieces. */
function sendChunked(
  person: Person,
  path: string,
  pieces: Uint8Array[],
  act?: (request: ClientRequest) => void,
): Promise<[number, string | undefined]> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      new URL(path, server.url),
      {
        method: "POST",
        headers: { ...authorization(person), "content-type": "multipart/form-data; boundary=x" },
      },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (text += chunk));
        incoming.on("end", () => {
          const body = JSON.parse(text) as { error?: { data: { reason: string } } };
          resolve([incoming.statusCode ?? 0, body.error?.data.reason]);
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n');
    for (const piece of pieces) outgoing.write(piece);
    if (act) return act(outgoing);
    outgoing.end("\r\n--x--\r\n");
  });
}

describe("what is given up", () => {
  it("leaves nothing behind", async () => {
    const { ann, roomId } = await meeting();
    const before = filesOnDisk().length;
    const path = `/uploads/room-audio?roomId=${roomId}`;
    const broken = sendChunked(ann, path, [new Uint8Array(100_000)], (outgoing) => {
      void (async () => {
        await expect.poll(() => filesOnDisk().length).toBe(before + 1);
        expect(await used(ann)).toBe(QUOTA);
        outgoing.destroy();
      })();
    });
    await expect(broken).rejects.toThrow();
    await expect.poll(() => filesOnDisk().length).toBe(before);
    await expect.poll(() => used(ann)).toBe(0);
  });

  it("ends with the session that sends it", async () => {
    const { ann, roomId } = await meeting();
    const before = filesOnDisk().length;
    const path = `/uploads/room-audio?roomId=${roomId}`;
    const sending = sendChunked(ann, path, [new Uint8Array(10_000)], () => undefined);
    sending.catch(() => undefined);
    await expect.poll(() => filesOnDisk().length).toBe(before + 1);
    await ann.client.account.logout.mutate();
    await expect(sending).rejects.toThrow();
    await expect.poll(() => filesOnDisk().length).toBe(before);
  });
});

describe("who may see", () => {
  const photo = () => picture().png().toBuffer();

  /** The answers to everyone who mustn't see it are those for what doesn't exist. */
  async function expectHidden(url: string, ...people: (Person | undefined)[]): Promise<void> {
    const missing = await get(people[0], "/uploads/00000000-0000-4000-8000-000000000000");
    const nothing = [404, await missing.text()];
    for (const person of people) {
      const answer = await get(person, url);
      expect([answer.status, await answer.text()]).toEqual(nothing);
      expect(answer.headers.get("etag")).toBeNull();
      const head = await fetch(new URL(url, server.url), {
        method: "HEAD",
        headers: authorization(person),
      });
      expect(head.status).toBe(404);
    }
  }

  it("a room's file is who is in the room, once it belongs to a message", async () => {
    const { ann, ben, eve, roomId } = await meeting();
    const { upload } = await send(ann, "room-photo", await photo(), { roomId });
    expect((await get(ann, upload.url)).status).toBe(200);
    await expectHidden(upload.url, ben, eve, undefined);
    const message = await ann.client.chat.send.mutate({
      roomId,
      text: "look",
      clientId: "1",
      attachments: [upload.id],
    });
    const { createdAt: _createdAt, ...attachment } = upload;
    expect(message.attachments).toEqual([attachment]);
    const { items } = await ben.client.chat.history.query({ roomId });
    expect(items[0]?.attachments).toEqual([attachment]);
    expect((await get(ben, upload.url)).status).toBe(200);
    expect(await ben.client.upload.get.query({ uploadId: upload.id })).toEqual(upload);
    await expectHidden(upload.url, eve, undefined);
    await expect(eve.client.upload.get.query({ uploadId: upload.id })).rejects.toThrow(
      "There is no such file.",
    );
    await ben.client.room.leave.mutate({ roomId });
    await expectHidden(upload.url, ben);
  });

  it("can't attach what isn't theirs, of that room, and unused", async () => {
    const { ann, ben, roomId } = await meeting();
    const { id: otherRoom } = await ann.client.room.create.mutate({ name: "Cellar" });
    const mine = (await send(ann, "room-photo", await photo(), { roomId })).upload.id;
    const avatar = (await send(ann, "avatar", await photo())).upload.id;
    const attach = (person: Person, room: string, ids: string[]) =>
      person.client.chat.send
        .mutate({ roomId: room, text: "", clientId: crypto.randomUUID(), attachments: ids })
        .then(
          () => "sent",
          (error: { data?: { reason?: string } }) => error.data?.reason,
        );
    expect(await attach(ben, roomId, [mine])).toBe("UPLOAD_NOT_FOUND");
    expect(await attach(ann, otherRoom, [mine])).toBe("UPLOAD_NOT_FOUND");
    expect(await attach(ann, roomId, [avatar])).toBe("UPLOAD_NOT_FOUND");
    expect(await attach(ann, roomId, [mine, "nothing"])).toBe("UPLOAD_NOT_FOUND");
    expect(await attach(ann, roomId, [mine])).toBe("sent");
    expect(await attach(ann, roomId, [mine])).toBe("UPLOAD_NOT_FOUND");
    const { items } = await ann.client.chat.history.query({ roomId });
    expect(items).toHaveLength(1);
  });

  it("a file goes with its message", async () => {
    const { ann, ben, roomId } = await meeting();
    const { upload } = await send(ann, "room-photo", await photo(), { roomId });
    const before = filesOnDisk().length;
    const input = { roomId, text: "", clientId: "1", attachments: [upload.id] };
    const { id: messageId } = await ann.client.chat.send.mutate(input);
    await expect(ann.client.upload.remove.mutate({ uploadId: upload.id })).rejects.toThrow("uses");
    await expect(ben.client.upload.remove.mutate({ uploadId: upload.id })).rejects.toThrow(
      "no such",
    );
    await ann.client.chat.remove.mutate({ messageId });
    await expectHidden(upload.url, ann, ben);
    await expect.poll(() => filesOnDisk().length).toBe(before - 1);
    expect(await used(ann)).toBe(0);
  });

  it("a picture of somebody is who shares a room with them", async () => {
    const { ann, ben, eve } = await meeting();
    const first = (await send(ann, "avatar", await photo())).upload;
    await expectHidden(first.url, ben, eve, undefined);
    const me = await ann.client.account.setAvatar.mutate({ uploadId: first.id });
    expect(me.avatarUrl).toBe(first.url);
    expect((await get(ben, first.url)).status).toBe(200);
    await expectHidden(first.url, eve, undefined);
    const second = (await send(ann, "avatar", await photo())).upload;
    const before = filesOnDisk().length;
    await ann.client.account.setAvatar.mutate({ uploadId: second.id });
    await expectHidden(first.url, ann, ben);
    await expect.poll(() => filesOnDisk().length).toBe(before - 1);
    await expect(ben.client.account.setAvatar.mutate({ uploadId: second.id })).rejects.toThrow(
      "no such",
    );
    await ann.client.account.setAvatar.mutate({ uploadId: null });
    await expectHidden(second.url, ann, ben);
    await expect.poll(() => filesOnDisk().length).toBe(before - 2);
  });

  it("a picture of somebody at the door is who may let them in", async () => {
    const { ann, ben, eve, roomId } = await meeting();
    await ann.client.room.update.mutate({ roomId, lobby: true });
    const { url, id } = (await send(eve, "avatar", await photo())).upload;
    await eve.client.account.setAvatar.mutate({ uploadId: id });
    await expectHidden(url, ann, ben);
    await eve.client.room.join.mutate({ roomId });
    expect((await get(ann, url)).status).toBe(200);
    await expectHidden(url, ben);
    await ann.client.room.refuse.mutate({ roomId, accountId: eve.account.id });
    await expectHidden(url, ann);
  });

  it("a sample of a voice is its owner alone", async () => {
    const { ann, ben } = await meeting();
    const { upload } = await send(ann, "voice-reference", tone("wav"));
    expect((await get(ann, upload.url)).status).toBe(200);
    await expectHidden(upload.url, ben, undefined);
  });

  it("nobody is when the room is removed: its files go at once", async () => {
    const { ann, ben, roomId } = await meeting();
    const before = filesOnDisk().length;
    const attached = (await send(ann, "room-photo", await photo(), { roomId })).upload;
    const unused = (await send(ben, "room-audio", tone("wav"), { roomId })).upload;
    const input = { roomId, text: "", clientId: "1", attachments: [attached.id] };
    await ann.client.chat.send.mutate(input);
    expect(filesOnDisk()).toHaveLength(before + 2);
    await ann.client.room.remove.mutate({ roomId });
    expect(filesOnDisk()).toHaveLength(before);
    await expectHidden(attached.url, ann, ben);
    await expectHidden(unused.url, ann, ben);
    expect([await used(ann), await used(ben)]).toEqual([0, 0]);
  });

  it("nobody is when the account is removed: nothing of it stays", async () => {
    const { ann, ben, roomId } = await meeting();
    const before = filesOnDisk().length;
    const { upload } = await send(ann, "room-photo", await photo(), { roomId });
    await ann.client.chat.send.mutate({
      roomId,
      text: "",
      clientId: "1",
      attachments: [upload.id],
    });
    await send(ann, "voice-reference", tone("wav"));
    await ann.client.account.remove.mutate({});
    await expectHidden(upload.url, ben);
    await expect.poll(() => filesOnDisk().length).toBe(before);
  });
});

describe("names", () => {
  it("lead nowhere, and are shown as harmless text", async () => {
    const { ann, roomId } = await meeting();
    const photo = await picture().png().toBuffer();
    const name = '../../../etc/pa"ss\u202Egnp.\r\nwd';
    const form = new FormData();
    form.set("roomId", roomId);
    form.set("file", new Blob([new Uint8Array(photo)]), name);
    const { upload } = await send(ann, "room-photo", photo, { roomId, name });
    expect(upload.name).not.toMatch(/[/\\"\r\n\u202E]/u);
    expect(upload.name).toMatch(/\.webp$/u);
    for (const path of filesOnDisk()) expect(path).toMatch(/\/files\/[0-9a-f]{2}\/[0-9a-f]{32}$/u);
    expect(existsSync(join(server.directory, "etc"))).toBe(false);
    const { headers } = await get(ann, upload.url);
    expect(headers.get("content-disposition")).toMatch(
      /^inline; filename="[^"]+"; filename\*=UTF-8''/u,
    );
  });

  it("may be missing", async () => {
    const { ann } = await meeting();
    const photo = await picture().png().toBuffer();
    const heads = ["", "; filename"].map(
      (name) =>
        `content-disposition: form-data; name="file"${name}\r\ncontent-type: application/octet-stream`,
    );
    for (const head of heads) {
      const answer = await fetch(`${server.url}/uploads/avatar`, {
        method: "POST",
        body: Buffer.concat([
          Buffer.from(`--x\r\n${head}\r\n\r\n`),
          photo,
          Buffer.from("\r\n--x--\r\n"),
        ]),
        headers: { ...authorization(ann), "content-type": "multipart/form-data; boundary=x" },
      });
      expect(await answer.json()).toMatchObject({ name: "file.webp" });
    }
  });

  it("keep their letters", async () => {
    const { ann, roomId } = await meeting();
    const photo = await picture().png().toBuffer();
    const { upload } = await send(ann, "room-photo", photo, { roomId, name: "日本の写真 (1).png" });
    expect(upload.name).toBe("日本の写真 (1).webp");
    const { headers } = await get(ann, upload.url);
    expect(headers.get("content-disposition")).toBe(
      `inline; filename="_____ (1).webp"; filename*=UTF-8''${encodeURIComponent("日本の写真 ")}%281%29.webp`,
    );
  });
});

describe("files", () => {
  it("are served so that they can do nothing", async () => {
    const { ann, roomId } = await meeting();
    const { upload } = await send(ann, "room-audio", tone("wav"), { roomId });
    const { headers } = await get(ann, upload.url);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';.* sandbox$/u);
    expect(headers.get("cache-control")).toBe("private, no-cache");
    expect(headers.get("accept-ranges")).toBe("bytes");
  });

  it("needn't be sent again to who has them, and still may", async () => {
    const { ann, ben, roomId } = await meeting();
    const { upload } = await send(ann, "room-audio", tone("wav"), { roomId });
    const etag = (await get(ann, upload.url)).headers.get("etag") ?? "";
    const again = await get(ann, upload.url, { "if-none-match": `"other", W/${etag}` });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await get(ben, upload.url, { "if-none-match": etag })).status).toBe(404);
  });

  it("come in the parts that are asked for", async () => {
    const { ann, roomId } = await meeting();
    const content = tone("wav");
    const { upload } = await send(ann, "room-audio", content, { roomId });
    const size = content.length;
    const part = async (range: string, headers: Record<string, string> = {}) => {
      const answer = await get(ann, upload.url, { range, ...headers });
      const bytes = await bytesOf(answer);
      return { status: answer.status, range: answer.headers.get("content-range"), bytes };
    };
    const expectPart = async (range: string, start: number, end: number) =>
      expect(await part(range)).toEqual({
        status: 206,
        range: `bytes ${start}-${end}/${size}`,
        bytes: content.subarray(start, end + 1),
      });
    await expectPart("bytes=0-0", 0, 0);
    await expectPart("bytes=10-19", 10, 19);
    await expectPart("bytes=100-", 100, size - 1);
    await expectPart("bytes=-5", size - 5, size - 1);
    await expectPart(`bytes=0-${size * 2}`, 0, size - 1);
    await expectPart(`bytes=-${size * 2}`, 0, size - 1);
    await expectPart(`bytes=${size - 1}-${size - 1}`, size - 1, size - 1);
    for (const range of [`bytes=${size}-`, `bytes=${size}-${size + 5}`, "bytes=-0"]) {
      const answer = await get(ann, upload.url, { range });
      expect([range, answer.status]).toEqual([range, 416]);
      expect(answer.headers.get("content-range")).toBe(`bytes */${size}`);
      expect(await answer.json()).toMatchObject({
        error: { data: { reason: "RANGE_INVALID", httpStatus: 416 } },
      });
    }
    for (const range of ["bytes=5-2", "bytes=a-b", "bytes=-", "lines=1-2", "bytes=0-1,4-5"]) {
      expect([range, (await part(range)).status]).toEqual([range, 200]);
    }
    const etag = (await get(ann, upload.url)).headers.get("etag") ?? "";
    expect((await part("bytes=0-1", { "if-range": etag })).status).toBe(206);
    expect((await part("bytes=0-1", { "if-range": '"older"' })).status).toBe(200);
  });

  it("leave their connection with the time that it may wait for another request", async () => {
    const person = await server.signIn("Ann");
    const { upload } = await send(person, "avatar", await noise(20));
    const timeouts: number[] = [];
    const note = (message: unknown) => {
      const { request, socket } = message as { request: IncomingMessage; socket: Socket };
      if (request.url !== upload.url) return;
      // After all that a response does when it ends.
      setTimeout(() => timeouts.push(socket.timeout ?? 0), 50);
    };
    subscribe("http.server.response.finish", note);
    // Nobody else's request comes by its connection meanwhile.
    const agent = new Agent({ keepAlive: true });
    try {
      const options = { agent, headers: authorization(person) };
      const asking = httpRequest(new URL(upload.url, server.url), options).end();
      const [answer] = (await once(asking, "response")) as [IncomingMessage];
      await once(answer.resume(), "end");
      await expect.poll(() => timeouts).toHaveLength(1);
      expect(timeouts[0]).toBeGreaterThan(1000);
    } finally {
      agent.destroy();
      unsubscribe("http.server.response.finish", note);
    }
  });

  it("say what they are without being sent", async () => {
    const { ann, roomId } = await meeting();
    const { upload } = await send(ann, "room-audio", tone("wav"), { roomId });
    const url = new URL(upload.url, server.url);
    const head = await fetch(url, { method: "HEAD", headers: authorization(ann) });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe(`${upload.bytes}`);
    expect(head.headers.get("content-type")).toBe("audio/wav");
  });
});

describe("large files", () => {
  it("are never whole in memory", async () => {
    const large = await startTestServer();
    const directory = mkdtempSync(join(tmpdir(), "parley-large-"));
    try {
      const { token, client } = await large.signIn("Ann");
      const { id: roomId } = await client.room.create.mutate({ name: "Hall" });
      const path = join(directory, "large.mp3");
      const size = 90 * 1024 * 1024;
      writeFileSync(path, mp3(Math.floor(size / 417)));
      const before = process.memoryUsage.rss();
      let peak = before;
      const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
      const answer = await new Promise<number | undefined>((resolve, reject) => {
        const outgoing = httpRequest(
          `${large.url}/uploads/room-audio?roomId=${roomId}`,
          {
            method: "POST",
            headers: {
              authorization: `Bearer ${token}`,
              "content-type": "multipart/form-data; boundary=x",
            },
          },
          (incoming) => resolve(incoming.resume().statusCode),
        );
        outgoing.on("error", reject);
        outgoing.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n');
        createReadStream(path)
          .on("end", () => outgoing.end("\r\n--x--\r\n"))
          .pipe(outgoing, { end: false });
      });
      clearInterval(watching);
      expect(answer).toBe(200);
      expect(peak - before).toBeLessThan(size / 2);
    } finally {
      rmSync(directory, { recursive: true });
      await large.close();
    }
  });
});

describe("a server whose files are in S3", () => {
  it("keeps them there, and says when it can't", async () => {
    const bucket = await startS3Server();
    const { endpoint, region, accessKeyId, secretAccessKey } = bucket.settings;
    const environment = (secret: string) => ({
      S3_ENDPOINT: endpoint,
      S3_BUCKET: bucket.settings.bucket,
      S3_REGION: region,
      S3_ACCESS_KEY_ID: accessKeyId,
      S3_SECRET_ACCESS_KEY: secret,
    });
    const right = await startTestServer({ environment: environment(secretAccessKey) });
    const wrong = await startTestServer({ environment: environment("mistyped") });
    const reasonAt = async (at: TestServer) => {
      const form = new FormData();
      form.set("file", new Blob([new Uint8Array(mp3())]), "a.mp3");
      const { token } = await at.signIn("Ann");
      const url = `${at.url}/uploads/voice-reference`;
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(url, { method: "POST", body: form, headers });
      const body = (await answer.json()) as { error?: { data: { reason: string } } };
      return [answer.status, body.error?.data.reason];
    };
    try {
      expect((await fetch(`${right.url}/ready`)).status).toBe(200);
      expect(await reasonAt(right)).toEqual([200, undefined]);
      expect(bucket.objects.size).toBe(1);
      expect((await fetch(`${wrong.url}/ready`)).status).toBe(503);
      expect(wrong.app.notices.join()).toContain("S3 bucket");
      expect(wrong.app.notices.join()).not.toContain("mistyped");
      expect(await reasonAt(wrong)).toEqual([503, "STORAGE_UNAVAILABLE"]);
      expect(bucket.objects.size).toBe(1);
    } finally {
      await Promise.all([right.close(), wrong.close()]);
      await bucket.close();
    }
  });
});
