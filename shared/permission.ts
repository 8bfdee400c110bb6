import type { RoomRole } from "./room.ts";

/**
 * Who may call a procedure. `anyone` needs no session; `signed-in` takes guests too; `registered`
 * doesn't. The rest is about one room: its members from `role` upward, or (`author`) whoever made the
 * thing at hand while they are a member, and besides them, where a role is given, members from it upward.
 */
export type Permission =
  | { who: "anyone" | "signed-in" | "registered" }
  | { who: "member"; role: RoomRole }
  | { who: "author"; role?: RoomRole };

const anyone = { who: "anyone" } as const;
const signedIn = { who: "signed-in" } as const;
const registered = { who: "registered" } as const;
const from = <Role extends RoomRole>(role: Role) => ({ who: "member", role }) as const;
const author = { who: "author" } as const;
const authorOr = <Role extends RoomRole>(role: Role) => ({ who: "author", role }) as const;

/**
 * Who may do what: the only place that says so. A procedure without a line here is closed to everyone.
 * Routers, sockets and the media path ask it, and so do the screens before they show a control.
 */
export const permissions = {
  "account.guest": anyone,
  "account.register": anyone,
  "account.login": anyone,
  "account.requestPasswordReset": anyone,
  "account.resetPassword": anyone,
  // The link shows who they are.
  "account.verifyEmail": anyone,
  "account.providers": anyone,
  // Only to the machine that a server under development runs on.
  "account.developmentMail": anyone,
  "account.me": signedIn,
  "account.token": signedIn,
  "account.sessions": signedIn,
  "account.revokeSession": signedIn,
  "account.upgrade": signedIn,
  "account.rename": signedIn,
  "account.setLanguage": signedIn,
  "account.setPreferences": signedIn,
  "account.setAvatar": signedIn,
  "account.rooms": signedIn,
  "account.sendVerification": registered,
  "account.changePassword": registered,
  "account.remove": signedIn,
  "account.logout": signedIn,

  // Public rooms alone, but none that one is banned from.
  "room.list": signedIn,
  "room.search": signedIn,
  "room.nearby": signedIn,
  "room.within": signedIn,
  "room.create": signedIn,
  // The password or the invitation decides.
  "room.join": signedIn,
  "room.invitation": anyone,
  // By who waits there.
  "room.onAdmission": signedIn,
  "room.withdraw": signedIn,
  "room.leave": from("listener"),
  "room.get": from("listener"),
  "room.members": from("listener"),
  "room.onEvent": from("listener"),
  "room.update": from("moderator"),
  "room.remove": from("owner"),
  // To those below oneself, and to no higher than that. The owner hands over what is theirs.
  "room.setRole": from("moderator"),
  "room.kick": from("moderator"),
  "room.ban": from("moderator"),
  "room.unban": from("moderator"),
  "room.bans": from("moderator"),
  "room.mute": from("moderator"),
  "room.createInvite": from("moderator"),
  "room.invites": from("moderator"),
  "room.revokeInvite": from("moderator"),
  "room.lobby": from("moderator"),
  "room.admit": from("moderator"),
  "room.refuse": from("moderator"),

  "chat.history": from("listener"),
  "chat.search": from("listener"),
  "chat.translations": from("listener"),
  "chat.onMessage": from("listener"),
  "chat.onEvent": from("listener"),
  "chat.onTranslation": from("listener"),
  "chat.markRead": from("listener"),
  // Of the rooms asked for, those that one is a member of.
  "chat.unread": signedIn,
  "chat.send": from("member"),
  "chat.react": from("member"),
  "chat.typing": from("member"),
  // The author has to be one who may still write.
  "chat.edit": author,
  "chat.remove": authorOr("moderator"),

  "call.join": from("listener"),
  "call.onCaption": from("listener"),
  "call.captions": from("listener"),
  "call.searchCaptions": from("listener"),
  // Of the download at /rooms/<id>/captions.<format>, too.
  "call.exportCaptions": from("listener"),
  // By who said it.
  "call.correctCaption": authorOr("moderator"),
  "call.removeCaption": authorOr("moderator"),
  // A peer is its owner's alone; from here on its id opens the door.
  "call.createTransport": author,
  "call.connectTransport": author,
  "call.restartIce": author,
  "call.produce": from("member"),
  "call.closeProducer": author,
  "call.consume": author,
  "call.resumeConsumer": author,
  "call.pauseConsumer": author,
  "call.closeConsumer": author,
  "call.mute": author,
  "call.setLanguages": author,
  "call.leave": author,
  "call.onEvent": author,

  // Of a room's file: its members. Of a picture of somebody: whoever shares a room with them. Of the
  // rest: the owner.
  "upload.get": signedIn,
  // POST /uploads/<kind>. Into a room: who may write there.
  "upload.create": signedIn,
  "upload.list": signedIn,
  "upload.remove": signedIn,

  "engine.status": anyone,
} satisfies Record<string, Permission>;

export type Procedure = keyof typeof permissions;

/** Procedures that a room's roles decide about. */
export type RoomProcedure = {
  [Name in Procedure]: (typeof permissions)[Name] extends { role: RoomRole } ? Name : never;
}[Procedure];

/** From the least to the most. */
const ranks: readonly RoomRole[] = ["listener", "member", "moderator", "owner"];

/** Whether `role` is `least` or above it. */
export function isAtLeast(role: RoomRole, least: RoomRole): boolean {
  return ranks.indexOf(role) >= ranks.indexOf(least);
}

/** Whether a member of `role` may do it to anything in the room, whoever made it. */
export function mayInRoom(role: RoomRole, procedure: RoomProcedure): boolean {
  return isAtLeast(role, permissions[procedure].role);
}

/** `undefined` for what is no procedure. */
export function permissionFor(path: string): Permission | undefined {
  const table: Readonly<Record<string, Permission>> = permissions;
  return Object.hasOwn(table, path) ? table[path] : undefined;
}
