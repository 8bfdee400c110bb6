import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A stretch of network between one browser and a server's HTTP port. When it is cut nothing gets
 * through and nothing is closed, as when a cable is pulled: what was on the way waits.
 */
export class TcpRelay {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  #cut = false;

  static async open(target: { host: string; port: number }): Promise<TcpRelay> {
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpRelay(server, sockets, target);
  }

  private constructor(
    server: Server,
    sockets: Set<Socket>,
    target: { host: string; port: number },
  ) {
    this.#server = server;
    this.#sockets = sockets;
    // Listening on a port, not on a pipe: the address is an object.
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client) => {
      const upstream = connect({ ...target, noDelay: true });
      this.#join(client, upstream);
      this.#join(upstream, client);
    });
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  restore(): void {
    this.#cut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (chunk) => {
      to.write(chunk);
    });
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (this.#cut) from.pause();
  }
}
