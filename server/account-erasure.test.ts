import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SignedIn } from "../shared/account.ts";
import { startTestServer, type TestClient, type TestServer } from "./testing/test-server.ts";

const credentials = { email: "zebra@example.org", password: "a fine long secret" };

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** All that is on the disk, as text. */
function readFiles(): Map<string, string> {
  const paths = readdirSync(server.directory, { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => statSync(join(server.directory, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(server.directory, path), "latin1")]));
}

/** Each row of each table, also of those that the search keeps for itself. */
function readRows(): { table: string; row: string }[] {
  const database = new DatabaseSync(join(server.directory, "parley.db"), { readOnly: true });
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
    return tables.flatMap(({ name }) => {
      const table = String(name);
      const rows = database.prepare(`select * from "${table}"`).all();
      return rows.map((row) => ({ table, row: Object.values(row).map(toText).join() }));
    });
  } finally {
    database.close();
  }
}

function toText(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value);
}

/** Registers as what calls itself Zebra's, too. */
async function register(): Promise<SignedIn> {
  const answer = await fetch(`${server.url}/trpc/account.register`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "Zebra/1.0" },
    body: JSON.stringify({ ...credentials, name: "Zebra", language: "en" }),
  });
  return ((await answer.json()) as { result: { data: SignedIn } }).result.data;
}

async function upload(token: string, kind: string, roomId?: string): Promise<string> {
  const background = "red";
  const image = sharp({ create: { width: 40, height: 40, channels: 3, background } }).png();
  const form = new FormData();
  if (roomId !== undefined) form.set("roomId", roomId);
  form.set("file", new Blob([new Uint8Array(await image.toBuffer())]), "zebra.png");
  const answer = await fetch(`${server.url}/uploads/${kind}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  return ((await answer.json()) as { id: string }).id;
}

/** Everything that leaves traces. Gives what tells them from others'. */
async function leaveTraces(ben: TestClient): Promise<{ zebra: TestClient; traces: RegExp }> {
  const { token, account } = await register();
  const zebra = server.client(token);
  const { id: roomId } = await ben.room.create.mutate({ name: "Kitchen" });
  await zebra.room.join.mutate({ roomId });
  const attachments = [await upload(token, "room-photo", roomId)];
  await upload(token, "room-photo", roomId);
  await zebra.account.setAvatar.mutate({ uploadId: await upload(token, "avatar") });
  const say = (client: TestClient, text: string, more: object = {}) =>
    client.chat.send.mutate({ roomId, text, clientId: text, ...more });
  const { id: messageId } = await say(zebra, "a zebra was here", { attachments });
  await zebra.chat.edit.mutate({ messageId, text: "two zebras were here" });
  const { id: answerId } = await say(ben, "who was?", { replyTo: messageId });
  await zebra.chat.react.mutate({ messageId: answerId, emoji: "🦓", on: true });
  await zebra.chat.markRead.mutate({ roomId, messageId: answerId });
  // One that nobody else is in, and one that is left to another.
  await zebra.room.create.mutate({
    name: "Zebra's",
    description: "striped",
    visibility: "private",
  });
  const { id: square } = await zebra.room.create.mutate({ name: "Square" });
  await zebra.room.createInvite.mutate({ roomId: square, role: "member" });
  await ben.room.join.mutate({ roomId: square });
  const { id: door } = await ben.room.create.mutate({ name: "Hall", lobby: true });
  await zebra.room.join.mutate({ roomId: door });
  await server.client().account.requestPasswordReset.mutate({ email: credentials.email });
  const mails = () => server.client().account.developmentMail.query();
  await expect.poll(async () => (await mails()).length).toBe(2);
  return { zebra, traces: new RegExp(`zebra|striped|🦓|${account.id}`, "iu") };
}

it("leaves nothing of an account that is removed: in no table, no index and no file", async () => {
  const { client: ben } = await server.signIn("Ben");
  const { zebra, traces } = await leaveTraces(ben);
  const tables = new Set(
    readRows()
      .filter(({ row }) => traces.test(row))
      .map(({ table }) => table),
  );
  const before = [...readFiles()].filter(([, content]) => traces.test(content));
  expect(tables.size).toBeGreaterThan(12);
  expect(before.length).toBeGreaterThan(2);

  await zebra.account.remove.mutate({ password: credentials.password });
  expect(readRows().filter(({ row }) => traces.test(row))).toEqual([]);
  await expect
    .poll(() => [...readFiles()].flatMap(([path, content]) => (traces.test(content) ? path : [])))
    .toEqual([]);
  expect([...readFiles().keys()].filter((path) => /^(uploads|mail)/u.test(path))).toEqual([]);
});
