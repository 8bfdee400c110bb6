import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A UDP port that is free at every one of these addresses. */
export async function freeUdpPort(addresses: readonly string[]): Promise<number> {
  const first = createSocket("udp4");
  first.bind(0, addresses[0]);
  await once(first, "listening");
  const { port } = first.address();
  const others = addresses.slice(1).map((address) => ({ address, socket: createSocket("udp4") }));
  try {
    for (const { address, socket } of others) {
      socket.bind(port, address);
      await once(socket, "listening");
    }
    return port;
  } finally {
    for (const socket of [first, ...others.map((other) => other.socket)]) socket.close();
  }
}
