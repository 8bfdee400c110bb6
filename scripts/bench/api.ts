import { formatTable } from "../../client/testing/table.ts";
import { percentile } from "../../client/testing/statistics.ts";
import type { ApiAnswer, ApiQuestion } from "./api-load.ts";
import type { Benchmark } from "./benchmark.ts";
import { type Child, startChild } from "./child.ts";

/** Calls under way at any moment, whatever they come by. */
const UNDER_WAY = 64;
const SOCKETS = 8;
const BATCH = 10;

type Way = { name: string; server: "fastify" | "parley"; calls: number; question: ApiQuestion };
type Measured = { callsPerSecond: number; p50: number; p99: number };

/** Each way in turn, as often as there are rounds, so that a moment's noise spares none of them. */
export const apiBenchmark: Benchmark = {
  summary: "calls a second over HTTP, in batches and over sockets, beside a bare Fastify route",
  async run({ print, quick }) {
    const seconds = quick ? 1 : 2;
    const rounds = quick ? 1 : 3;
    const servers = { fastify: startChild("api-fastify.ts"), parley: startChild("api-parley.ts") };
    try {
      const { port: barePort } = await servers.fastify.ask<{ port: number }>({});
      const { port, token } = await servers.parley.ask<{ port: number; token: string }>({});
      const ways = createWays({ barePort, port, token, seconds });
      const measured = new Map<string, Measured[]>(ways.map(({ name }) => [name, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const { name, calls, question } of ways) {
          const { answers, p50, p99 } = await measure(question);
          measured.get(name)?.push({ callsPerSecond: (answers * calls) / seconds, p50, p99 });
        }
      }
      const results = Object.fromEntries(
        Array.from(measured, ([name, all]) => [name, medians(all)]),
      );
      const [bare] = Object.values(results);
      const rows = Object.entries(results).map(([name, { callsPerSecond, p50, p99 }]) => [
        name,
        Math.round(callsPerSecond).toLocaleString("en"),
        p50.toFixed(2),
        p99.toFixed(2),
        `${Math.round((100 * callsPerSecond) / (bare?.callsPerSecond ?? 1))} %`,
      ]);
      print(formatTable([["", "calls a second", "p50 ms", "p99 ms", "of bare"], ...rows]));
      return results;
    } finally {
      await Promise.all(Object.values(servers).map((server: Child) => server.close()));
    }
  },
};

async function measure(question: ApiQuestion): Promise<ApiAnswer> {
  const load = startChild("api-load.ts");
  try {
    return await load.ask<ApiAnswer>(question);
  } finally {
    await load.close();
  }
}

function medians(all: readonly Measured[]): Measured {
  const median = (key: keyof Measured) =>
    percentile(
      all.map((one) => one[key]),
      0.5,
    ) ?? 0;
  return { callsPerSecond: median("callsPerSecond"), p50: median("p50"), p99: median("p99") };
}

function createWays(options: {
  barePort: number;
  port: number;
  token: string;
  seconds: number;
}): Way[] {
  const { barePort, port, token, seconds } = options;
  const http = (path: string, ...headers: string[]) =>
    [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1", ...headers, "", ""].join("\r\n");
  const credentials = `Authorization: Bearer ${token}`;
  const whole = { connections: UNDER_WAY, outstanding: 1, seconds };
  const overHttp = (server: Way["server"], name: string, request: string, calls = 1): Way => ({
    name,
    server,
    calls,
    question: { port: server === "fastify" ? barePort : port, http: request, ...whole },
  });
  const overSocket = (path: string): Way => ({
    name: `${path} over sockets`,
    server: "parley",
    calls: 1,
    question: {
      port,
      socket: {
        handshake: http(
          "/trpc?connectionParams=1",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "Sec-WebSocket-Version: 13",
        ),
        greeting: JSON.stringify({ method: "connectionParams", data: { token } }),
        call: JSON.stringify({ id: 1, method: "query", params: { path } }),
      },
      connections: SOCKETS,
      outstanding: UNDER_WAY / SOCKETS,
      seconds,
    },
  });
  const batch = (path: string) => `/trpc/${Array(BATCH).fill(path).join()}?batch=1`;
  return [
    overHttp("fastify", "a bare route", http("/status")),
    // What needs neither a session nor the database, like the bare route.
    overHttp("parley", "engine.status over HTTP", http("/trpc/engine.status")),
    overHttp("parley", "engine.status in batches of ten", http(batch("engine.status")), BATCH),
    overSocket("engine.status"),
    // What needs both.
    overHttp("parley", "account.me over HTTP", http("/trpc/account.me", credentials)),
    overHttp(
      "parley",
      "account.me in batches of ten",
      http(batch("account.me"), credentials),
      BATCH,
    ),
    overSocket("account.me"),
  ];
}
