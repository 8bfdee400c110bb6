import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  // A tenth of what is usual: ten messages in ten seconds.
  server = await startTestServer({ environment: { RATE_LIMIT_SCALE: "0.1" } });
});
afterAll(() => server.close());

const ten = Array.from({ length: 10 }, (_, index) => `c${index}`);

async function enterRoom(name: string) {
  const { client, token } = await server.signIn(name);
  const { id: roomId } = await client.room.create.mutate({ name: "Kitchen" });
  const input = { roomId, text: "hello", clientId: "one too many" };
  return { client, token, roomId, input };
}

const tooOften = { data: { reason: "TOO_MANY_REQUESTS", httpStatus: 429 } };

describe("a limit per person", () => {
  it("counts each call of a batch, and says how long to wait", async () => {
    const { token, roomId, input } = await enterRoom("Ann");
    const calls = [...ten, "one too many"].map((clientId) => ({ roomId, text: "hi", clientId }));
    const path = calls.map(() => "chat.send").join(",");
    const response = await fetch(`${server.url}/trpc/${path}?batch=1`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(Object.fromEntries(calls.entries())),
    });
    const answers = (await response.json()) as { result?: unknown; error?: unknown }[];
    expect(answers.filter(({ result }) => result)).toHaveLength(10);
    const refused = answers.filter(({ error }) => error);
    expect(refused).toMatchObject([{ error: tooOften }]);
    const wait = Number(response.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(0);
    expect(refused).toMatchObject([{ error: { data: { retryAfterSeconds: wait } } }]);
    await expect(server.client(token).chat.send.mutate(input)).rejects.toMatchObject(tooOften);
  });

  it("counts over all sockets together, and leaves others alone", async () => {
    const { token, roomId, input } = await enterRoom("Ben");
    for (const clientId of ten) {
      await server.socketClient(token).chat.send.mutate({ roomId, text: "hi", clientId });
    }
    await expect(server.socketClient(token).chat.send.mutate(input)).rejects.toMatchObject(
      tooOften,
    );
    const cleo = await enterRoom("Cleo");
    await cleo.client.chat.send.mutate({ ...input, roomId: cleo.roomId });
  });

  it("counts the downloads of transcripts like the exports that they are", async () => {
    const { client, token, roomId } = await enterRoom("Dan");
    await client.call.exportCaptions.query({ roomId, format: "txt" });
    const download = () =>
      fetch(`${server.url}/rooms/${roomId}/captions.txt`, {
        headers: { authorization: `Bearer ${token}` },
      });
    for (let count = 0; count < 5; count += 1) expect((await download()).status).toBe(200);
    const refused = await download();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: tooOften });
  });
});

it("counts whoever is not signed in by address", async () => {
  const strict = await startTestServer({ environment: { RATE_LIMIT_SCALE: "0.0025" } });
  try {
    const client = strict.client();
    const guest = { name: "Ann", language: "en" };
    for (let count = 0; count < 3; count += 1) await client.account.guest.mutate(guest);
    await expect(client.account.guest.mutate(guest)).rejects.toMatchObject(tooOften);
  } finally {
    await strict.close();
  }
});
