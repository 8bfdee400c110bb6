import type { RoomChange, RoomDetail, RoomEvent, RoomMember } from "../../shared/room.ts";

/** A room at one moment. Never changed in place: each event makes a new one. */
export type RoomState = {
  /** `role` is one's own. */
  room: RoomDetail;
  /** Accounts that speak, as far as they began since the last snapshot. */
  speaking: ReadonlySet<string>;
};

/** What a room is after `event`. Nothing is known before the first snapshot. */
export function reduceRoom(state: RoomState | undefined, event: RoomEvent): RoomState | undefined {
  if (event.type === "snapshot") {
    return { room: event.room, speaking: new Set() };
  }
  if (!state) return undefined;
  const { room } = state;
  switch (event.type) {
    case "joined":
      return {
        ...state,
        room: withMembers(room, [
          ...room.members.filter(({ accountId }) => accountId !== event.member.accountId),
          event.member,
        ]),
      };
    case "left":
      return {
        room: withMembers(
          room,
          room.members.filter(({ accountId }) => accountId !== event.accountId),
        ),
        speaking: withFlag(state.speaking, event.accountId, false),
      };
    case "role": {
      const { accountId, role } = event;
      const own = accountId === room.ownAccountId ? { ...room, role } : room;
      return { ...state, room: withMember(own, accountId, { role }) };
    }
    case "renamed": {
      const { type: _type, accountId, ...profile } = event;
      return { ...state, room: withMember(room, accountId, profile) };
    }
    case "silenced":
      return { ...state, room: withMember(room, event.accountId, { silenced: event.silenced }) };
    case "changed":
      return { ...state, room: withChange(room, event.change) };
    case "present":
      return { ...state, room: withMember(room, event.accountId, { present: event.present }) };
    case "speaking":
      return { ...state, speaking: withFlag(state.speaking, event.accountId, event.speaking) };
    // What calls tell of each voice, lists that moderators ask for by themselves, and the end.
    case "muted":
    case "waiting":
    case "notWaiting":
    case "banned":
    case "unbanned":
    case "invited":
    case "inviteRevoked":
    case "removed":
      return state;
  }
}

/** What a change doesn't have, the room has no more. */
function withChange(
  { place: _place, capacity: _capacity, ...room }: RoomDetail,
  change: RoomChange,
) {
  return { ...room, ...change };
}

function withMember(room: RoomDetail, accountId: string, change: Partial<RoomMember>): RoomDetail {
  return withMembers(
    room,
    room.members.map((member) =>
      member.accountId === accountId ? { ...member, ...change } : member,
    ),
  );
}

function withMembers(room: RoomDetail, members: RoomMember[]): RoomDetail {
  const presentCount = members.filter(({ present }) => present).length;
  return { ...room, members, memberCount: members.length, presentCount };
}

function withFlag(
  flags: ReadonlySet<string>,
  accountId: string,
  flag: boolean,
): ReadonlySet<string> {
  if (flags.has(accountId) === flag) return flags;
  const changed = new Set(flags);
  if (flag) changed.add(accountId);
  else changed.delete(accountId);
  return changed;
}
