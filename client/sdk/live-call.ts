import { type Call, type CallOptions } from "./call.ts";
import { type ServerConnection } from "./connection.ts";
import { type Rooms } from "./room.ts";

export declare function joinCall(
  deps: { connection: ServerConnection; rooms: Rooms },
  roomId: string,
  options: CallOptions,
): Promise<Call>;
