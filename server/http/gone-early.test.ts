import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import cookie from "@fastify/cookie";
import { fastify, type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Session, SessionStore } from "../account/session-store.ts";
import { createAppRouter, type Features } from "../app-router.ts";
import { silentLog } from "../kit/log.ts";
import { serveCaptionDownloads } from "./caption-downloads.ts";
import type { Connections } from "./connections.ts";
import { socketLimits } from "./socket-limits.ts";
import { serveTrpcOverHttp } from "./trpc-http.ts";
import { registerSockets, serveTrpcOverSockets } from "./trpc-socket.ts";
import { serveUploads } from "./uploads.ts";
import { eventually } from "../../shared/testing/eventually.ts";

// Nothing of it is used: nobody gets so far.
const anything: unknown = new Proxy(() => {}, { get: () => anything });
const features = anything as Features;

const session: Session = { id: "s", accountId: "ann", guest: true, expiresAt: new Date(9e12) };
const validate = vi.fn<SessionStore["validate"]>();
const add = vi.fn<Connections["add"]>(() => () => {});

let server: FastifyInstance;
const connected: Socket[] = [];
const clients: Socket[] = [];

beforeEach(async () => {
  validate.mockReset();
  add.mockClear();
  connected.length = 0;
  const deps = {
    router: createAppRouter(features),
    transcripts: features.transcripts,
    uploads: features.uploads,
    sessions: { validate } as Partial<SessionStore> as SessionStore,
    connections: { add, stop: () => {} },
    rateLimits: () => Promise.resolve(),
    log: silentLog,
    secureCookies: false,
  };
  server = fastify();
  await server.register(cookie);
  await registerSockets(server, { limits: socketLimits, admits: () => true, log: silentLog });
  await server.register((scope, _options, done) => {
    serveTrpcOverHttp(scope, deps);
    serveTrpcOverSockets(scope, deps, socketLimits);
    done();
  });
  await server.register((scope) => serveUploads(scope, deps));
  await server.register((scope, _options, done) => {
    serveCaptionDownloads(scope, deps);
    done();
  });
  server.server.on("connection", (socket) => connected.push(socket));
  await server.listen();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server.close();
});

/** Sends a request, and gives what closes it. */
async function ask(path: string, headers: string): Promise<() => Promise<void>> {
  const { port } = server.server.address() as AddressInfo;
  const socket = connect(port, "localhost");
  clients.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n${headers}\r\n`,
  );
  return async () => {
    socket.destroy();
    const theirs = connected.at(-1);
    if (theirs?.destroyed === false) await new Promise((resolve) => theirs.once("close", resolve));
  };
}

const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;

it.each<[string, string, string]>([
  ["a socket", "/trpc", upgrade],
  ["a subscription", "/trpc/room.onEvent?input=%7B%7D", "Accept: text/event-stream\r\n"],
  ["a file", "/uploads/none", ""],
  ["a transcript", "/rooms/kitchen/captions.txt", ""],
])("holds nothing for who asked for %s and was gone before they were known", async (...asked) => {
  const [, path, headers] = asked;
  const known = Promise.withResolvers<Session & { extended: boolean }>();
  validate.mockReturnValueOnce(known.promise);
  const leave = await ask(path, headers);
  await eventually(() => expect(validate).toHaveBeenCalledTimes(1));
  await leave();
  known.resolve({ ...session, extended: false });
  // Another one, who stays.
  validate.mockResolvedValueOnce({ ...session, id: "t", extended: false });
  await ask(path, headers);
  const added = () => add.mock.calls.map(([{ id }]) => id);
  await eventually(() => expect(added()).toContain("t"));
  expect(added()).toEqual(["t"]);
});
