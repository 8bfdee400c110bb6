import { isAtLeast, mayInRoom } from "../../../../shared/permission.ts";
import type { RoomMember, RoomRole } from "../../../../shared/room.ts";

/** What somebody may do about a member of their room. */
export type MemberActions = {
  /** Besides handing over the room. Empty when the role can't be changed. */
  roles: Exclude<RoomRole, "owner">[];
  mute: boolean;
  kick: boolean;
  ban: boolean;
  handOver: boolean;
};

const roles = ["moderator", "member", "listener"] as const;

/** `undefined` when there is nothing: only to those below oneself, and to no higher than that. */
export function memberActions(
  own: { accountId: string; role: RoomRole },
  member: Pick<RoomMember, "accountId" | "role">,
): MemberActions | undefined {
  if (member.accountId === own.accountId || isAtLeast(member.role, own.role)) return undefined;
  const may = (procedure: Parameters<typeof mayInRoom>[1]) => mayInRoom(own.role, procedure);
  const actions = {
    roles: may("room.setRole") ? roles.filter((role) => !isAtLeast(role, own.role)) : [],
    mute: may("room.mute"),
    kick: may("room.kick"),
    ban: may("room.ban"),
    handOver: own.role === "owner",
  };
  const isAny = actions.roles.length > 0 || actions.mute || actions.kick || actions.ban;
  return isAny ? actions : undefined;
}

/** Why somebody may not speak here; `undefined` when they may. */
export function speechBarrier(
  own: Pick<RoomMember, "role" | "silenced">,
  speak: "member" | "moderator" | "owner",
): "silenced" | "listener" | "moderator" | "owner" | undefined {
  if (own.silenced) return "silenced";
  if (!mayInRoom(own.role, "call.produce")) return "listener";
  return speak === "member" || isAtLeast(own.role, speak) ? undefined : speak;
}
