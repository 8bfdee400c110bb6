import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { initTRPC, tracked } from "@trpc/server";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { AppError } from "../kit/errors.ts";
import { Feed } from "../kit/feed.ts";
import { createEventFrames } from "./fan-out/event-frames.ts";
import { Turns } from "./fan-out/turns.ts";
import { socketLimits } from "./socket-limits.ts";
import { TrpcConnection } from "./trpc-connection.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const t = initTRPC.context<{ name: string }>().create({ isDev: false });
const fromInput = z.object({ lastEventId: z.string().nullish() }).optional();
const ended = vi.fn<(path: string) => void>();

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

const router = t.router({
  greet: t.procedure
    .input(z.string())
    .query(({ ctx, input }) => ({ text: `${input}, ${ctx.name}`, nothing: undefined })),
  nothing: t.procedure.mutation(() => {}),
  refuse: t.procedure.mutation(() => {
    throw new AppError("FORBIDDEN", "You may not.");
  }),
  numbers: t.procedure.input(fromInput).subscription(async function* ({ input }) {
    const from = Number(input?.lastEventId ?? 0);
    for (let number = from + 1; number <= from + 3; number += 1) {
      yield tracked(`${number}`, { number });
    }
    yield "untracked";
  }),
  fed: t.procedure.input(fromInput).subscription(({ input, signal = AbortSignal.abort() }) => {
    const feed = new Feed<number>(signal, async ({ send, ready }) => {
      const from = Number(input?.lastEventId ?? 0);
      for (let number = from + 1; number <= from + 3; number += 1) {
        await ready();
        send(number);
      }
    });
    return feed.map((number) => tracked(`${number}`, { number }));
  }),
  endless: t.procedure.subscription(async function* ({ signal = AbortSignal.abort() }) {
    try {
      yield { first: true };
      await untilAborted(signal);
    } finally {
      ended("endless");
    }
  }),
  endlessFeed: t.procedure.subscription(
    ({ signal = AbortSignal.abort() }) =>
      new Feed<object>(signal, async ({ send }) => {
        send({ first: true });
        await untilAborted(signal);
        ended("endlessFeed");
      }),
  ),
  failing: t.procedure.subscription(async function* () {
    yield tracked("1", { number: 1 });
    throw new AppError("FELL_BEHIND", "Come back.");
  }),
  failingFeed: t.procedure.subscription(
    ({ signal = AbortSignal.abort() }) =>
      new Feed<object>(signal, ({ send }) => {
        send({ number: 1 });
        return Promise.reject(new AppError("FELL_BEHIND", "Come back."));
      }),
  ),
  long: t.procedure.subscription(
    ({ signal = AbortSignal.abort() }) =>
      new Feed<string>(signal, async ({ send, ready }) => {
        for (let count = 0; count < 200; count += 1) {
          await ready();
          send("x".repeat(64 * 1024));
        }
      }),
  ),
  refused: t.procedure.subscription(({ signal = AbortSignal.abort() }) => {
    if (!signal.aborted) throw new AppError("FORBIDDEN", "You may not.");
    return new Feed<object>(signal, () => Promise.resolve());
  }),
});

/** A server of ours, or one of tRPC's own adapter. */
type Kind = "ours" | "theirs";

async function serve(kind: Kind) {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const createContext = (params: Record<string, string | undefined> | null) => {
    const name = params?.["name"] ?? "nobody";
    return name === "stranger"
      ? Promise.reject(new AppError("FORBIDDEN", "Not you."))
      : Promise.resolve({ name });
  };
  const theirs = getWSConnectionHandler({
    wss: sockets,
    router,
    createContext: ({ info }) => createContext(info.connectionParams),
  });
  const shared = {
    router,
    limits: socketLimits,
    turns: new Turns(),
    frames: createEventFrames((data) => data),
    onError: () => {},
  };
  sockets.on("connection", (socket, request) => {
    if (kind === "theirs") theirs(socket, request);
    else {
      const awaitsParams = request.url?.includes("connectionParams=1") ?? false;
      const stream = request.socket;
      connections.push(
        new TrpcConnection({ ...shared, socket, stream, awaitsParams, createContext }),
      );
    }
  });
  await once(sockets, "listening");
  return sockets;
}

let servers: Record<Kind, WebSocketServer>;
const connections: TrpcConnection[] = [];

beforeEach(async () => {
  ended.mockClear();
  connections.length = 0;
  servers = { ours: await serve("ours"), theirs: await serve("theirs") };
});
afterEach(async () => {
  for (const server of Object.values(servers)) {
    for (const socket of server.clients) socket.terminate();
    server.close();
    await once(server, "close");
  }
});

async function open(kind: Kind, query = "") {
  const { port } = servers[kind].address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${query}`);
  const received: string[] = [];
  socket.on("message", (data: Buffer) => received.push(data.toString()));
  socket.once("close", (code: number) => received.push(`closed with ${code}`));
  await once(socket, "open");
  return { socket, received };
}

const request = (id: unknown, method: string, path: string, input?: unknown, more: object = {}) =>
  JSON.stringify({ id, method, params: { path, input, ...more } });
const stop = (id: number) => JSON.stringify({ id, method: "subscription.stop" });

/** What is said, one after the other, each after so many answers. */
type Conversation = { query?: string; says: [after: number, text: string][]; answers: number };

const conversations: Record<string, Conversation> = {
  "queries and mutations": {
    says: [
      [0, request(1, "query", "greet", "Hello")],
      [1, request(2, "mutation", "nothing")],
    ],
    answers: 2,
  },
  "JSON-RPC's own version": {
    says: [
      [0, JSON.stringify({ ...JSON.parse(request(1, "query", "greet", "a")), jsonrpc: "2.0" })],
    ],
    answers: 1,
  },
  "JSON-RPC's own version in a subscription": {
    says: [
      [0, JSON.stringify({ ...JSON.parse(request(1, "subscription", "numbers")), jsonrpc: "2.0" })],
    ],
    answers: 6,
  },
  "a batch": {
    says: [[0, `[${request(1, "mutation", "refuse")},${request("b", "query", "greet", "Hi")}]`]],
    answers: 2,
  },
  "errors of procedures, of inputs and of paths": {
    says: [
      [0, request(1, "mutation", "refuse")],
      [1, request(2, "query", "greet", 7)],
      [2, request(3, "query", "nowhere")],
      [3, request(4, "query", "nothing")],
      [4, request(5, "subscription", "greet")],
      [5, request(6, "query", "numbers")],
    ],
    answers: 6,
  },
  "what is no request": {
    says: [
      [0, "{nonsense"],
      [1, "[1]"],
      [2, "null"],
      [3, JSON.stringify({ id: 1, method: "shout", params: { path: "greet" } })],
      [4, request(null, "query", "greet", "Hello")],
      [5, request(7, "query", "greet", "Hello")],
    ],
    answers: 6,
  },
  "signs of life": { says: [[0, "PONG"], [0, "PING"]], answers: 1 }, // prettier-ignore
  "the parameters of a connection": {
    query: "?connectionParams=1",
    says: [
      [0, JSON.stringify({ method: "connectionParams", data: { name: "Ann" } })],
      [0, request(1, "query", "greet", "Hello")],
    ],
    answers: 1,
  },
  "parameters that are none": {
    query: "?connectionParams=1",
    says: [[0, JSON.stringify({ method: "connectionParams", data: { name: 7 } })]],
    answers: 2,
  },
  "parameters that are no message": {
    query: "?connectionParams=1",
    says: [[0, "{nonsense"]],
    answers: 2,
  },
  "a connection that is refused": {
    query: "?connectionParams=1",
    says: [[0, JSON.stringify({ method: "connectionParams", data: { name: "stranger" } })]],
    answers: 2,
  },
  "a subscription that ends": { says: [[0, request(1, "subscription", "numbers")]], answers: 6 },
  "a feed that ends": { says: [[0, request(1, "subscription", "fed")]], answers: 5 },
  "a subscription that goes on where it was": {
    says: [
      [0, request(1, "subscription", "numbers", undefined, { lastEventId: "7" })],
      [6, request(2, "subscription", "fed", { lastEventId: null }, { lastEventId: "9" })],
    ],
    answers: 11,
  },
  "a subscription that is stopped, and its id again": {
    says: [
      [0, request(1, "subscription", "endless")],
      [2, stop(1)],
      [3, request(1, "subscription", "endlessFeed")],
      [5, stop(1)],
      [6, stop(9)],
      [6, request(1, "query", "greet", "Hello")],
    ],
    answers: 7,
  },
  "a subscription that is stopped before it began": {
    says: [[0, `[${request(1, "subscription", "endlessFeed")},${stop(1)}]`]],
    answers: 1,
  },
  "subscriptions that fail": {
    says: [
      [0, request(1, "subscription", "failing")],
      [4, request(2, "subscription", "failingFeed")],
      [8, request(3, "subscription", "refused")],
      [9, request(4, "subscription", "nowhere")],
    ],
    answers: 10,
  },
};

describe("a connection says to the letter what tRPC's own adapter does about", () => {
  it.each(Object.entries(conversations))("%s", async (_name, { query, says, answers }) => {
    const hold = async (kind: Kind) => {
      const { socket, received } = await open(kind, query);
      for (const [after, text] of says) {
        await expect.poll(() => received.length).toBeGreaterThanOrEqual(after);
        socket.send(text);
      }
      await expect.poll(() => received.length).toBe(answers);
      return received;
    };
    expect(await hold("ours")).toEqual(await hold("theirs"));
  });
});

it.each(["endless", "endlessFeed"])("ends %s when the socket is gone", async (path) => {
  const { socket, received } = await open("ours");
  socket.send(request(1, "subscription", path));
  await expect.poll(() => received.length).toBe(2);
  socket.terminate();
  await eventually(() => expect(ended).toHaveBeenCalledExactlyOnceWith(path));
});

it("sends answers and events in the order in which they came to be", async () => {
  const { socket, received } = await open("ours");
  const count = 50;
  const batch = Array.from({ length: count }, (_, id) => request(id, "subscription", "fed"));
  socket.send(`[${batch.join()}]`);
  await expect.poll(() => received.length).toBe(count * 5);
  for (let id = 0; id < count; id += 1) {
    const mine = received.map((text) => JSON.parse(text)).filter((message) => message.id === id);
    expect(mine.map(({ result }) => result.id ?? result.type)).toEqual([
      "started",
      "1",
      "2",
      "3",
      "stopped",
    ]);
  }
});

it("lets a reader catch up who has missed more than may wait for them", async () => {
  const { socket, received } = await open("ours");
  socket.send(request(1, "subscription", "long"));
  await expect.poll(() => received.length, { timeout: 20_000 }).toBe(202);
  expect(received.at(-1)).toContain("stopped");
});

describe("a client that was silent for long", () => {
  const checkAfter = (ms: number) => connections[0]?.checkAlive(performance.now() + ms);

  it("is asked for a sign of life, and stays when it gives one", async () => {
    const { socket, received } = await open("ours");
    checkAfter(socketLimits.silentMs - 1000);
    checkAfter(socketLimits.silentMs + 1);
    checkAfter(socketLimits.silentMs + 1);
    await expect.poll(() => received).toEqual(["PING"]);
    socket.send("PONG");
    socket.send(request(1, "query", "greet", "Hello"));
    await expect.poll(() => received.length).toBe(2);
    checkAfter(socketLimits.silentMs - 1000);
    expect(socket.readyState).toBe(socket.OPEN);
  });

  it("is disconnected when it gives none", async () => {
    const { received } = await open("ours");
    checkAfter(socketLimits.silentMs + 1);
    checkAfter(socketLimits.silentMs + socketLimits.answerMs + 1);
    await expect.poll(() => received).toEqual(["PING", "closed with 1006"]);
  });
});
