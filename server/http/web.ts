import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { errorShape } from "../kit/procedures.ts";

const NOT_BUILT = "The web app has not been built yet. Stop the server and run: npm start";

const nothingHere = errorShape({
  reason: "PROCEDURE_NOT_FOUND",
  message: "There is nothing here.",
});

/**
 * The web app's files. Every page of it is `index.html`, which finds out by itself which one is
 * meant. Gives a sentence about what is missing, if something is.
 */
export async function serveWeb(
  server: FastifyInstance,
  directory: string,
): Promise<string | undefined> {
  const built = existsSync(join(directory, "index.html"));
  if (built) {
    await server.register(fastifyStatic, {
      root: directory,
      cacheControl: false,
      preCompressed: true,
      setHeaders(reply, path) {
        // Names of assets change with their content.
        const isAsset = path.startsWith(join(directory, "assets"));
        const cache = isAsset ? "public, max-age=31536000, immutable" : "no-cache";
        reply.header("cache-control", cache);
      },
    });
  }
  server.setNotFoundHandler(async (request, reply) => {
    const isPage = request.method === "GET" && request.headers.accept?.includes("text/html");
    if (!isPage) return reply.code(404).send({ error: nothingHere });
    if (built) return reply.sendFile("index.html");
    return reply.code(503).type("text/plain").send(NOT_BUILT);
  });
  return built ? undefined : NOT_BUILT;
}
