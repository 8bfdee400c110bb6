import { describe, expect, it } from "vitest";
import {
  type RoomDetail,
  type RoomEvent,
  type RoomMember,
  roomSettingsSchema,
} from "../../shared/room.ts";
import { reduceRoom, type RoomState } from "./room-state.ts";

function member(accountId: string, change: Partial<RoomMember> = {}): RoomMember {
  return {
    accountId,
    name: accountId,
    language: "en",
    role: "member",
    present: true,
    silenced: false,
    ...change,
  };
}

const room: RoomDetail = {
  id: "room",
  name: "Kitchen",
  description: "",
  visibility: "public",
  hasPassword: false,
  locked: false,
  lobby: false,
  languages: [],
  capacity: 10,
  settings: roomSettingsSchema.parse({}),
  createdAt: "2026-01-01T00:00:00.000Z",
  memberCount: 2,
  presentCount: 1,
  ownAccountId: "bob",
  role: "member",
  members: [member("ann", { role: "owner" }), member("bob", { present: false })],
};

function after(...events: RoomEvent[]): RoomState | undefined {
  let state: RoomState | undefined;
  for (const event of [{ type: "snapshot", room } as const, ...events]) {
    state = reduceRoom(state, event);
  }
  return state;
}

describe("what is known of a room", () => {
  it("is nothing before the first snapshot", () => {
    expect(reduceRoom(undefined, { type: "left", accountId: "ann" })).toBeUndefined();
  });

  it("follows who comes, goes and is there", () => {
    const state = after(
      { type: "joined", member: member("eve") },
      { type: "present", accountId: "bob", present: true },
      { type: "left", accountId: "ann" },
      { type: "role", accountId: "bob", role: "owner" },
    );
    expect(state?.room).toMatchObject({ memberCount: 2, presentCount: 2, role: "owner" });
    expect(state?.room.members).toEqual([member("bob", { role: "owner" }), member("eve")]);
  });

  it("has somebody who joins twice once", () => {
    const state = after({ type: "joined", member: member("bob", { name: "Bob again" }) });
    expect(state?.room.members.map(({ name }) => name)).toEqual(["ann", "Bob again"]);
  });

  it("knows who speaks, and forgets it when they leave", () => {
    const speaking = after({ type: "speaking", accountId: "ann", speaking: true });
    expect(speaking?.speaking).toEqual(new Set(["ann"]));

    const left = reduceRoom(speaking, { type: "left", accountId: "ann" });
    expect(left).toMatchObject({ speaking: new Set() });
  });

  it("follows names, settings and those whom a moderator silenced", () => {
    const { settings } = room;
    const state = after(
      { type: "renamed", accountId: "ann", name: "Anna", language: "ca" },
      { type: "silenced", accountId: "bob", silenced: true },
      {
        type: "changed",
        change: {
          name: "Cellar",
          description: "Cold",
          visibility: "private",
          hasPassword: true,
          locked: true,
          lobby: true,
          languages: ["ca"],
          settings: { ...settings, languages: ["ca"] },
        },
      },
    );
    expect(state?.room).toMatchObject({ name: "Cellar", visibility: "private", locked: true });
    expect(state?.room.settings.languages).toEqual(["ca"]);
    // It was taken away.
    expect(state?.room).not.toHaveProperty("capacity");
    expect(state?.room.members).toEqual([
      member("ann", { role: "owner", name: "Anna", language: "ca" }),
      member("bob", { present: false, silenced: true }),
    ]);
  });

  it("never changes what was given out before", () => {
    const before = after();
    reduceRoom(before, { type: "speaking", accountId: "ann", speaking: true });
    expect(before).toEqual(after());
  });
});
