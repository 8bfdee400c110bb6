import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** More than what lies between a server and a reader who takes nothing: 24 MB. */
function fill(roomId: string, accountId: string): void {
  const database = new DatabaseSync(join(server.directory, "parley.db"));
  const insert = database.prepare(
    `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 3000)
     insert into captions (id, room_id, sequence, account_id, language, text, started_at, ended_at, cut, edition)
     select 'c' || n, ?, n, ?, 'en', ?, ?, ?, 0, 0 from numbers`,
  );
  const time = new Date().toISOString();
  insert.run(roomId, accountId, "word ".repeat(1600), time, time);
  database.close();
}

it("ends with the session that asked for it", async () => {
  const { client, token, account } = await server.signIn("Ann");
  const { id: roomId } = await client.room.create.mutate({ name: "Kitchen" });
  fill(roomId, account.id);
  const headers = { authorization: `Bearer ${token}` };
  const asking = get(`${server.url}/rooms/${roomId}/captions.txt`, { headers });
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  const other = new WebSocket(`${server.socketUrl}?connectionParams=1`);
  await once(other, "open");
  other.send(JSON.stringify({ method: "connectionParams", data: { token } }));
  other.send(JSON.stringify({ id: 1, method: "query", params: { path: "account.me" } }));
  await once(other, "message");
  await client.account.logout.mutate();
  // What else is open under it is closed at the same moment.
  await once(other, "close");
  answer.on("error", () => {});
  const closed = new Promise((resolve) => answer.once("close", resolve));
  answer.resume();
  await closed;
  expect(answer.complete).toBe(false);
});
