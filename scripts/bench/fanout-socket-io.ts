import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { runFanoutServer } from "./fanout-server.ts";
import { message } from "./fanout-stamp.ts";

const http = createServer();
const sockets = new Server(http, { transports: ["websocket"] });

runFanoutServer({
  async start() {
    sockets.on("connection", (socket) => {
      socket.on("join", async (room: string, done: () => void) => {
        await socket.join(room);
        done();
      });
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    // What is opened by 0 and 40 is a transport and a namespace; 420 and 430 ask and acknowledge.
    const greeting = [
      { until: "0{" },
      { say: "40", until: "40{" },
      { say: '420["join","kitchen"]', until: "430" },
    ];
    return { port, path: "/socket.io/?EIO=4&transport=websocket", greetings: [greeting] };
  },
  publish(text) {
    sockets.to("kitchen").emit("event", message(text));
  },
});
