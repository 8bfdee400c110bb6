import { mayInRoom, type RoomProcedure } from "../../../../shared/permission.ts";
import type { RoomRole } from "../../../../shared/room.ts";
import { speechBarrier } from "./member-actions.ts";
import { useVisitState } from "./use-visit.ts";

/** One's role in the room; `undefined` until the room is known. */
export function useOwnRole(): RoomRole | undefined {
  return useVisitState((state) => state.room?.room.role);
}

/** Whether one may do it in this room, to anything there. */
export function useMay(procedure: RoomProcedure): boolean {
  const role = useOwnRole();
  return role !== undefined && mayInRoom(role, procedure);
}

/** Why one may not speak here; `undefined` when one may. */
export function useSpeechBarrier(): ReturnType<typeof speechBarrier> {
  return useVisitState(({ room: state }) => {
    if (!state) return undefined;
    const { role, ownAccountId, members, settings } = state.room;
    const own = members.find(({ accountId }) => accountId === ownAccountId);
    return speechBarrier({ role, silenced: own?.silenced ?? false }, settings.speak);
  });
}
