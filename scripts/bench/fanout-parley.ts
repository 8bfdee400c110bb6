import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTRPCClient, httpLink } from "@trpc/client";
import { type CallDependencies, createApp } from "../../server/app.ts";
import { type AppRouter } from "../../server/app-router.ts";
import { readConfig } from "../../server/config.ts";
import { createLog } from "../../server/kit/log.ts";
import { runFanoutServer } from "./fanout-server.ts";
import { message } from "./fanout-stamp.ts";

/** Accounts that the subscribers share, each with sockets of its own. */
const PEOPLE = 20;

let publish: CallDependencies["publish"];
let kitchen: string;

/**
 * The whole server, with a database, sessions, a room and its members. What is published goes the way
 * that every event of a room goes: over the bus, to who subscribed and still is a member.
 */
runFanoutServer({
  async start() {
    const directory = mkdtempSync(join(tmpdir(), "parley-fanout-"));
    process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    const app = await createApp({
      config: readConfig({ PORT: "0", DATA_DIR: directory, RATE_LIMIT_SCALE: "1000000" }),
      log: createLog({ level: "error", pretty: false }),
      openCalls: (calls) => {
        publish = calls.publish;
        return Promise.resolve({ unavailable: "nobody speaks here" });
      },
    });
    const url = await app.listen();
    const api = (headers: Record<string, string> = {}) =>
      createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] });
    const tokens: string[] = [];
    for (let count = 0; count < PEOPLE; count += 1) {
      const { token } = await api().account.guest.mutate({
        name: `Guest ${count}`,
        language: "en",
      });
      const { room } = api({ authorization: `Bearer ${token}` });
      if (count === 0) kitchen = (await room.create.mutate({ name: "Kitchen" })).id;
      else await room.join.mutate({ roomId: kitchen });
      tokens.push(token);
    }
    const greetings = tokens.map((token, index) => [
      { say: JSON.stringify({ method: "connectionParams", data: { token } }) },
      {
        // As in real life, the subscription isn't everybody's first call.
        say: JSON.stringify({
          id: 1 + (index % 5),
          method: "subscription",
          params: { path: "room.onEvent", input: { roomId: kitchen } },
        }),
        until: '"snapshot"',
      },
    ]);
    return { port: Number(new URL(url).port), path: "/trpc?connectionParams=1", greetings };
  },
  publish: (text) => publish(kitchen, message(text)),
});
