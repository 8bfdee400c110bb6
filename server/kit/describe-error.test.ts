import { TRPCError } from "@trpc/server";
import { expect, it } from "vitest";
import { z } from "zod";
import { describeError } from "./describe-error.ts";
import { AppError } from "./errors.ts";
import { createCallerFactory, publicProcedure, router, signedInProcedure } from "./procedures.ts";

const wrap = (cause: unknown) => new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause });

it("says what a failure of ours says", () => {
  expect(describeError(wrap(new AppError("ROOM_FULL", "The room is full.")))).toEqual({
    reason: "ROOM_FULL",
    message: "The room is full.",
  });
});

it("says nothing of what nobody foresaw", () => {
  for (const cause of [new Error("password is hunter2"), new TypeError("x of undefined"), "text"]) {
    const { reason, message } = describeError(wrap(cause));
    expect(reason).toBe("INTERNAL");
    expect(message).toBe("Something went wrong on the server. Please try again.");
  }
});

it("names the field that is wrong, and not what was in it", () => {
  const parsed = z.object({ a: z.object({ b: z.email() }) }).safeParse({ a: { b: "hunter2" } });
  const described = describeError(new TRPCError({ code: "BAD_REQUEST", cause: parsed.error }));
  expect(described.reason).toBe("INPUT_INVALID");
  expect(described.message).toContain('"a.b"');
  expect(described.message).not.toContain("hunter2");
});

it("opens procedures to those whom the table of permissions names, and to nobody else", async () => {
  const createCaller = createCallerFactory(
    router({
      engine: router({ status: publicProcedure.query(() => "open") }),
      account: router({
        me: signedInProcedure.query(({ ctx }) => ctx.caller.accountId),
        changePassword: signedInProcedure.mutation(() => "changed"),
      }),
      unlisted: publicProcedure.query(() => "open"),
    }),
  );
  const context = { network: "", local: false, limit: () => Promise.resolve() };
  const nobody = createCaller(context);
  const caller = { accountId: "ann", sessionId: "s", guest: true };
  const guest = createCaller({ ...context, caller });
  const registered = createCaller({ ...context, caller: { ...caller, guest: false } });
  expect(await nobody.engine.status()).toBe("open");
  expect(await guest.account.me()).toBe("ann");
  expect(await registered.account.changePassword()).toBe("changed");
  const refused = (reason: string) => ({ cause: { reason } });
  await expect(nobody.account.me()).rejects.toMatchObject(refused("NOT_SIGNED_IN"));
  await expect(guest.account.changePassword()).rejects.toMatchObject(refused("ACCOUNT_NEEDED"));
  // What the table of permissions doesn't know is closed, also to those who are signed in.
  await expect(registered.unlisted()).rejects.toMatchObject(refused("FORBIDDEN"));
});
