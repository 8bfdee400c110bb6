import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

export type RelayedPacket = {
  direction: "to-server" | "to-client";
  /** The client's own UDP port. */
  clientPort: number;
  packet: Buffer;
  /** Wall clock, in ms with fractions. */
  at: number;
};

type Client = { port: number; address: string; upstream: Socket };

/**
 * A stretch of network between browsers and the media port of a server: it can be watched, and cut.
 * It listens on the server's port number at another loopback address, which the server has to
 * announce as its own.
 */
export class UdpRelay {
  readonly address: string;
  readonly #port: number;
  readonly #serverAddress: string;
  readonly #socket: Socket;
  readonly #clients = new Map<number, Client>();
  readonly #watchers = new Set<(packet: RelayedPacket) => void>();
  #survivors: ReadonlySet<number> | undefined;

  static async open(options: {
    /** Where clients send to. */
    address: string;
    serverAddress: string;
    port: number;
  }): Promise<UdpRelay> {
    const socket = createSocket("udp4");
    socket.bind(options.port, options.address);
    await once(socket, "listening");
    return new UdpRelay(options, socket);
  }

  private constructor(
    options: { address: string; serverAddress: string; port: number },
    socket: Socket,
  ) {
    this.address = options.address;
    this.#port = options.port;
    this.#serverAddress = options.serverAddress;
    this.#socket = socket;
    socket.on("message", (packet, { port, address }) => {
      const client = this.#clients.get(port) ?? this.#admit(port, address);
      if (!this.#passes("to-server", client, packet)) return;
      client.upstream.send(packet, this.#port, this.#serverAddress);
    });
  }

  /** Gives a function that ends the watching. */
  watch(watcher: (packet: RelayedPacket) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** From now on every packet is lost, but for those of the clients with these UDP ports. */
  cut(survivors: Iterable<number> = []): void {
    this.#survivors = new Set(survivors);
  }

  restore(): void {
    this.#survivors = undefined;
  }

  close(): void {
    this.#watchers.clear();
    this.#socket.close();
    for (const { upstream } of this.#clients.values()) upstream.close();
    this.#clients.clear();
  }

  /** The server tells clients apart by where their packets come from: each has a socket of its own. */
  #admit(port: number, address: string): Client {
    const client = { port, address, upstream: createSocket("udp4") };
    this.#clients.set(port, client);
    client.upstream.on("message", (packet) => {
      if (this.#passes("to-client", client, packet)) this.#socket.send(packet, port, address);
    });
    // A server that is gone refuses packets; on a network they would only be lost.
    client.upstream.on("error", () => {});
    return client;
  }

  #passes(direction: RelayedPacket["direction"], client: Client, packet: Buffer): boolean {
    if (this.#survivors && !this.#survivors.has(client.port)) return false;
    const at = performance.timeOrigin + performance.now();
    for (const watch of this.#watchers) watch({ direction, clientPort: client.port, packet, at });
    return true;
  }
}
