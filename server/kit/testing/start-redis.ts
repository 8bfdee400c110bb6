import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Redis } from "ioredis";

/** Debian has one program under two names, and the other package would start a service. */
const program = { file: "redis-check-rdb", argv0: "redis-server" };

/** A real Redis on a free port, that keeps nothing. */
export async function startRedis() {
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn(program.file, args, { argv0: program.argv0, stdio: "ignore" });
  await once(child, "spawn");
  const probe = new Redis({ port, retryStrategy: () => 50 });
  probe.on("error", () => {
    // Until it listens.
  });
  await new Promise<void>((resolve) => probe.once("ready", () => resolve()));
  probe.disconnect();
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
