import type { AddressInfo } from "node:net";
import { fastify } from "fastify";
import { answerParent } from "./child.ts";

/** What a procedure is compared with: a route that does nothing but answer. */
answerParent(async () => {
  const server = fastify();
  server.get("/status", () => []);
  await server.listen({ port: 0, host: "127.0.0.1" });
  return { port: (server.server.address() as AddressInfo).port };
});
