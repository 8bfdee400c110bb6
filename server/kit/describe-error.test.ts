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

it("lets only those who are signed in call what needs a caller", async () => {
  const createCaller = createCallerFactory(
    router({
      open: publicProcedure.query(() => "open"),
      mine: signedInProcedure.query(({ ctx }) => ctx.caller.accountId),
    }),
  );
  const caller = { accountId: "ann", sessionId: "s" };
  expect(await createCaller({ address: "", caller }).mine()).toBe("ann");
  expect(await createCaller({ address: "" }).open()).toBe("open");
  await expect(createCaller({ address: "" }).mine()).rejects.toMatchObject({
    cause: { reason: "NOT_SIGNED_IN" },
  });
});
