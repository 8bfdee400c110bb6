import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { runFanoutServer } from "./fanout-server.ts";
import { message } from "./fanout-stamp.ts";

/** Sockets without anything around them: each message is serialised once, and sent to each. */
const room = new Set<WebSocket>();

runFanoutServer({
  async start() {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
    server.on("connection", (socket) => {
      socket.once("message", () => {
        room.add(socket);
        socket.once("close", () => room.delete(socket));
        socket.send("joined");
      });
    });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { port, path: "/", greetings: [[{ say: "join", until: "joined" }]] };
  },
  publish(text) {
    const serialised = JSON.stringify(message(text));
    for (const socket of room) socket.send(serialised);
  },
});
