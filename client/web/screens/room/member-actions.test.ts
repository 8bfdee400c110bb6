import { describe, expect, it } from "vitest";
import { roomRoleSchema, type RoomRole } from "../../../../shared/room.ts";
import { memberActions, speechBarrier } from "./member-actions.ts";

const actions = (own: RoomRole, other: RoomRole) =>
  memberActions({ accountId: "ann", role: own }, { accountId: "ben", role: other });

describe("what one may do about others", () => {
  it("is nothing for members and listeners", () => {
    for (const other of roomRoleSchema.options) {
      expect(actions("member", other)).toBeUndefined();
      expect(actions("listener", other)).toBeUndefined();
    }
  });

  it("reaches only those below", () => {
    expect(actions("moderator", "owner")).toBeUndefined();
    expect(actions("moderator", "moderator")).toBeUndefined();
    expect(actions("moderator", "member")).toEqual({
      roles: ["member", "listener"],
      mute: true,
      kick: true,
      ban: true,
      handOver: false,
    });
    expect(actions("owner", "moderator")).toMatchObject({
      roles: ["moderator", "member", "listener"],
      handOver: true,
    });
  });

  it("is nothing about oneself", () => {
    const own = { accountId: "ann", role: "owner" } as const;
    expect(memberActions(own, { ...own, role: "listener" })).toBeUndefined();
  });
});

describe("who may not speak", () => {
  it("is told why", () => {
    expect(speechBarrier({ role: "member", silenced: false }, "member")).toBeUndefined();
    expect(speechBarrier({ role: "member", silenced: true }, "member")).toBe("silenced");
    expect(speechBarrier({ role: "listener", silenced: false }, "member")).toBe("listener");
    expect(speechBarrier({ role: "member", silenced: false }, "moderator")).toBe("moderator");
    expect(speechBarrier({ role: "moderator", silenced: false }, "owner")).toBe("owner");
    expect(speechBarrier({ role: "owner", silenced: false }, "owner")).toBeUndefined();
  });
});
