import type { AnyTRPCProcedure, AnyTRPCRouter } from "@trpc/server";
import { getUntypedClient, TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BEFORE_FIRST_MESSAGE } from "../shared/chat.ts";
import { isAtLeast, permissionFor, permissions, type Procedure } from "../shared/permission.ts";
import { isReason, type Reason } from "../shared/reason.ts";
import type { RoomRole } from "../shared/room.ts";
import { createAppRouter, type Features } from "./app-router.ts";
import { openCalls } from "./open-calls.ts";
import { startTestServer, type TestClient, type TestServer } from "./testing/test-server.ts";

/** Comes by HTTP alone: see http/uploads.test.ts. */
const elsewhere = new Set<string>(["upload.create"]);

type Actor = {
  client: TestClient;
  accountId?: string;
  guest: boolean;
  role?: RoomRole;
  banned?: boolean;
  /** In the call of the room. */
  peerId?: string;
};

/** A room with somebody of each role, and those who are none of its members. */
type World = {
  roomId: string;
  /** Public, too; nobody but its owner is in it, and nobody is banned from it. */
  otherRoomId: string;
  /** Of the owner. */
  messageId: string;
  ownerPeerId: string;
  actors: Record<ActorName, Actor>;
};

const actorNames = [
  "nobody",
  "guest",
  "registered",
  "banned",
  "listener",
  "member",
  "moderator",
  "owner",
] as const;
type ActorName = (typeof actorNames)[number];

/**
 * What a call is about, which says what those are told who may not know of it: `room` that there is
 * none, or that they are no members; `message` and `peer`, which are the owner's, that there is none;
 * `ownPeer` is the caller's own, or for who can have none the owner's; `nothing` is about the caller.
 */
type About = "nothing" | "room" | "message" | "peer" | "ownPeer";
type Call = {
  about: About;
  input?: (world: World, actor: Actor) => unknown;
  /** Afterwards the room, or somebody in it, isn't what it was. */
  ends?: true;
  /** A subscription to a room that says nothing of its own accord. */
  silent?: true;
};

const page = { limit: 5 };
const nothing = (input?: unknown): Call => ({ about: "nothing", input: () => input });
/** Refused for its input, after the permission: what it would do to the caller isn't wanted here. */
const nonsense = nothing({ password: 5, name: 5, uploadId: 5, language: 5, captions: 5 });
const room = (more: object = {}): Call => ({
  about: "room",
  input: ({ roomId }) => ({ roomId, ...more }),
});
const message = (more: object = {}): Call => ({
  about: "message",
  input: ({ messageId }) => ({ messageId, ...more }),
});
const peer = (more: object = {}): Call => ({
  about: "peer",
  input: ({ ownerPeerId }) => ({ peerId: ownerPeerId, ...more }),
});
const other = (more: object = {}): Call => ({
  about: "nothing",
  input: ({ otherRoomId }) => ({ roomId: otherRoomId, ...more }),
});
/** Nobody is of that id. */
const somebody = { accountId: "none" };
const rtpParameters = {
  mid: "0",
  codecs: [{ mimeType: "audio/opus", payloadType: 111, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc: 1 }],
};
const dtlsParameters = {
  role: "client",
  fingerprints: [{ algorithm: "sha-256", value: "00:".repeat(31).concat("00") }],
};

/** A new procedure has to be listed here, or this doesn't compile. */
const calls = {
  "account.guest": nonsense,
  "account.register": nonsense,
  "account.login": nonsense,
  "account.requestPasswordReset": nonsense,
  "account.resetPassword": nonsense,
  "account.verifyEmail": nonsense,
  "account.providers": nothing(),
  "account.developmentMail": nothing(),
  "account.me": nothing(),
  "account.token": nothing(),
  "account.sessions": nothing(),
  "account.revokeSession": nothing({ sessionId: "none" }),
  "account.upgrade": nonsense,
  "account.rename": nonsense,
  "account.setLanguage": nonsense,
  "account.setPreferences": nonsense,
  "account.setAvatar": nonsense,
  "account.rooms": nothing(page),
  "account.sendVerification": nothing(),
  "account.changePassword": nonsense,
  "account.remove": nonsense,
  "account.logout": { ...nothing(), ends: true },

  "room.list": nothing(page),
  "room.search": nothing({ ...page, text: "kitchen" }),
  "room.nearby": nothing({ ...page, latitude: 0, longitude: 0, radiusMetres: 1000 }),
  "room.within": nothing({ south: 0, west: 0, north: 1, east: 1 }),
  "room.create": nothing({ name: "Another" }),
  "room.join": nothing({ invite: "none" }),
  "room.invitation": nothing({ invite: "none" }),
  "room.onAdmission": other(),
  "room.withdraw": other(),
  "room.leave": { ...room(), ends: true },
  "room.get": room(),
  "room.members": room(page),
  "room.onEvent": room(),
  "room.update": room({ description: "warm" }),
  "room.remove": { ...room(), ends: true },
  "room.setRole": room({ ...somebody, role: "listener" }),
  "room.kick": room(somebody),
  "room.ban": room(somebody),
  "room.unban": room(somebody),
  "room.bans": room(page),
  "room.mute": room(somebody),
  "room.createInvite": room({ role: "listener" }),
  "room.invites": room(page),
  "room.revokeInvite": room({ inviteId: "none" }),
  "room.lobby": room(page),
  "room.admit": room(somebody),
  "room.refuse": room(somebody),

  "chat.history": room(page),
  "chat.search": room({ ...page, text: "soup" }),
  "chat.translations": room({ messageIds: ["none"], read: "ca" }),
  "chat.onMessage": room({ lastEventId: BEFORE_FIRST_MESSAGE }),
  "chat.onEvent": room(),
  "chat.onTranslation": { ...room({ read: "ca" }), silent: true },
  "chat.markRead": {
    about: "room",
    input: ({ roomId, messageId }) => ({ roomId, messageId }),
  },
  "chat.unread": {
    about: "nothing",
    input: ({ roomId }) => ({ roomIds: [roomId] }),
  },
  "chat.send": {
    about: "room",
    input: ({ roomId }) => ({ roomId, text: "Soup?", clientId: crypto.randomUUID() }),
  },
  "chat.react": message({ emoji: "🍲", on: true }),
  "chat.typing": room({ typing: false }),
  "chat.edit": message({ text: "Soup!" }),
  "chat.remove": { ...message(), ends: true },

  "call.join": room(),
  "call.onCaption": room(),
  "call.captions": room(page),
  "call.searchCaptions": room({ ...page, text: "soup" }),
  "call.exportCaptions": room({ format: "txt", content: "original" }),
  // Whose captions they are is tried where captions are: call/transcripts.test.ts.
  "call.correctCaption": nothing({ captionId: "none", text: "Soup" }),
  "call.removeCaption": nothing({ captionId: "none" }),
  "call.createTransport": peer({ direction: "receive" }),
  "call.connectTransport": peer({ transportId: "none", dtlsParameters }),
  "call.restartIce": peer({ transportId: "none" }),
  "call.produce": {
    about: "ownPeer",
    input: ({ ownerPeerId }, { peerId = ownerPeerId }) => ({
      peerId,
      transportId: "none",
      rtpParameters,
    }),
  },
  "call.closeProducer": peer(),
  "call.consume": peer({
    transportId: "none",
    producerId: "none",
    rtpCapabilities: { codecs: [], headerExtensions: [] },
  }),
  "call.resumeConsumer": peer({ consumerId: "none" }),
  "call.pauseConsumer": peer({ consumerId: "none" }),
  "call.closeConsumer": peer({ consumerId: "none" }),
  "call.mute": peer({ muted: true }),
  "call.setLanguages": peer(),
  "call.leave": { ...peer(), ends: true },
  "call.onEvent": peer(),

  "upload.get": nothing({ uploadId: "none" }),
  "upload.create": nothing(),
  "upload.list": nothing(page),
  "upload.remove": nothing({ uploadId: "none" }),

  "engine.status": nothing(),
} satisfies Record<Procedure, Call>;

/** By the table alone: why somebody is refused. */
function refusal(name: ActorName, actor: Actor, path: Procedure, about: About): Reason | undefined {
  const permission = permissionFor(path);
  if (!permission) return "FORBIDDEN";
  if (permission.who === "anyone") return undefined;
  if (name === "nobody") return "NOT_SIGNED_IN";
  if (permission.who === "registered") return actor.guest ? "ACCOUNT_NEEDED" : undefined;
  if (permission.who === "signed-in" || about === "nothing") return undefined;
  if (about === "peer" && name !== "owner") return "PEER_NOT_FOUND";
  if (actor.role === undefined) {
    if (about === "message") return "MESSAGE_NOT_FOUND";
    if (about === "ownPeer") return "PEER_NOT_FOUND";
    return actor.banned ? "ROOM_NOT_FOUND" : "NOT_A_MEMBER";
  }
  const { role } = permission.who === "member" ? permission : { role: undefined, ...permission };
  const isAuthor = permission.who === "author" && name === "owner";
  if (isAuthor || (role !== undefined && isAtLeast(actor.role, role))) return undefined;
  return permission.who === "author" ? "NOT_YOUR_MESSAGE" : "ROLE_TOO_LOW";
}

/** All that says that somebody may not do something. Anything else comes after the permission. */
const refusals: ReadonlySet<Reason | undefined> = new Set<Reason>([
  "NOT_SIGNED_IN",
  "ACCOUNT_NEEDED",
  "FORBIDDEN",
  "NOT_A_MEMBER",
  "ROLE_TOO_LOW",
  "ROOM_NOT_FOUND",
  "PEER_NOT_FOUND",
  "MESSAGE_NOT_FOUND",
  "NOT_YOUR_MESSAGE",
]);

// Nothing of it is used: the procedures are only listed.
const anything: unknown = new Proxy(() => {}, { get: () => anything });
const router: AnyTRPCRouter = createAppRouter(anything as Features);
/** What TypeScript knows of them is undone: they are looked at by their paths. */
const listed: Record<string, AnyTRPCProcedure> = router._def.procedures;
const paths = Object.keys(permissions).filter((path): path is Procedure =>
  Object.hasOwn(calls, path),
);

describe("the table of permissions", () => {
  it("has a line for each procedure, and no other", () => {
    const expected = Object.keys(permissions).filter((path) => !elsewhere.has(path));
    expect(Object.keys(listed).toSorted()).toEqual(expected.toSorted());
  });
});

describe("from outside, each procedure is open to whom the table says, and closed to others", () => {
  let server: TestServer;
  let shared: World;
  beforeAll(async () => {
    server = await startTestServer({ openCalls });
    shared = await createWorld();
  });
  afterAll(() => server.close());

  /** Stays in it, too. */
  async function joinCall(client: TestClient, roomId: string): Promise<string> {
    const { peerId } = await client.call.join.mutate({ roomId });
    await new Promise<void>((resolve, reject) => {
      const onData = () => resolve();
      following.push(client.call.onEvent.subscribe({ peerId }, { onData, onError: reject }));
    });
    return peerId;
  }

  async function createWorld(): Promise<World> {
    const signIn = async (name: string) => {
      const { account, client } = await server.signIn(name);
      return { client, accountId: account.id, guest: true };
    };
    const owner = await signIn("Owner");
    const { id: roomId } = await owner.client.room.create.mutate({ name: "Kitchen" });
    const { id: otherRoomId } = await owner.client.room.create.mutate({ name: "Square" });
    const enter = async (role: RoomRole): Promise<Actor & { accountId: string }> => {
      const actor = await signIn(role);
      await actor.client.room.join.mutate({ roomId });
      await owner.client.room.setRole.mutate({ roomId, accountId: actor.accountId, role });
      const peerId = await joinCall(actor.client, roomId);
      return { ...actor, role, peerId };
    };
    const anonymous = server.client();
    const email = `${crypto.randomUUID()}@example.org`;
    const password = "correct horse battery";
    const registered = await anonymous.account.register.mutate({
      email,
      password,
      name: "Registered",
      language: "en",
    });
    const banned = await enter("member");
    await owner.client.room.ban.mutate({ roomId, accountId: banned.accountId });
    const ownerPeerId = await joinCall(owner.client, roomId);
    const { id: messageId } = await owner.client.chat.send.mutate({
      roomId,
      text: "Soup?",
      clientId: crypto.randomUUID(),
    });
    const { client, accountId } = banned;
    return {
      roomId,
      otherRoomId,
      messageId,
      ownerPeerId,
      actors: {
        nobody: { client: anonymous, guest: false },
        guest: await signIn("Guest"),
        registered: { client: server.client(registered.token), guest: false },
        banned: { client, accountId, guest: true, banned: true },
        listener: await enter("listener"),
        member: await enter("member"),
        moderator: await enter("moderator"),
        owner: { ...owner, role: "owner", peerId: ownerPeerId },
      },
    };
  }

  it.each(paths.filter((path) => !elsewhere.has(path)))("%s", async (path) => {
    const call: Call = calls[path];
    const world = call.ends ? await createWorld() : shared;
    const expected: Record<string, Reason | "let through"> = {};
    const found: Record<string, Reason | "let through"> = {};
    for (const name of actorNames) {
      const actor = world.actors[name];
      expected[name] = refusal(name, actor, path, call.about) ?? "let through";
      const reason = await reasonFor(actor.client, path, call, call.input?.(world, actor));
      found[name] = refusals.has(reason) && reason ? reason : "let through";
    }
    expect(found).toEqual(expected);
  });
});

const following: { unsubscribe: () => void }[] = [];

/** Why a call is refused; undefined when it isn't. */
async function reasonFor(
  client: TestClient,
  path: Procedure,
  call: Call,
  input: unknown,
): Promise<Reason | undefined> {
  const caller = getUntypedClient(client);
  try {
    switch (typeOf(path)) {
      case "query":
        await caller.query(path, input);
        break;
      case "mutation":
        await caller.mutation(path, input);
        break;
      case "subscription":
        await new Promise<void>((resolve, reject) => {
          // What is refused may be so only after it has started. Another one, which speaks, is
          // answered after it.
          const onStarted = () => {
            if (!call.silent) return;
            const done = { onData: () => resolve(), onError: () => resolve() };
            following.push(caller.subscription("chat.onEvent", input, done));
          };
          const onData = () => resolve();
          following.push(caller.subscription(path, input, { onStarted, onData, onError: reject }));
        });
        break;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    const reason: unknown = error.data?.reason;
    if (!isReason(reason)) throw error;
    return reason;
  }
}

function typeOf(path: string): "query" | "mutation" | "subscription" {
  const procedure = listed[path];
  if (!procedure) throw new Error(`there is no procedure ${path}`);
  return procedure._def.type;
}
