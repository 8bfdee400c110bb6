import type { CallDependencies } from "../../server/app.ts";
import { openBenchApp } from "./bench-app.ts";
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
    const app = await openBenchApp((calls) => {
      publish = calls.publish;
      return Promise.resolve({ unavailable: "nobody speaks here" });
    });
    const tokens: string[] = [];
    for (let count = 0; count < PEOPLE; count += 1) {
      const { token, api } = await app.signIn(`Guest ${count}`);
      if (count === 0) kitchen = (await api.room.create.mutate({ name: "Kitchen" })).id;
      else await api.room.join.mutate({ roomId: kitchen });
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
    return { port: app.port, path: "/trpc?connectionParams=1", greetings };
  },
  publish: (text) => publish(kitchen, message(text)),
});
