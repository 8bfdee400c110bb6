import type { EngineRegistry } from "../interpreter/engines.ts";
import { publicProcedure, router } from "../kit/procedures.ts";

export function createEngineRouter(engines: EngineRegistry) {
  return router({
    /** Every engine there is: its kind, its languages, and why it is unavailable if it is. */
    status: publicProcedure.query(() => engines.status()),
  });
}
