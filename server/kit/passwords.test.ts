import { parseOptions, verify as argon2Verify } from "@node-rs/argon2";
import { hash as bcryptHash } from "bcrypt";
import { expect, it, vi } from "vitest";
import { createPasswords } from "./passwords.ts";

vi.mock("@node-rs/argon2", { spy: true });

it("are hashed by argon2id, each with a salt of its own", async () => {
  const { hash, verify, isOutdated } = createPasswords();
  const [first, second] = await Promise.all([hash("correct horse"), hash("correct horse")]);
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/u);
  expect(first).not.toBe(second);
  expect(await verify("correct horse", first)).toBe(true);
  expect(await verify("correct house", first)).toBe(false);
  expect(isOutdated(first)).toBe(false);
});

it("are the same however their accents are typed", async () => {
  const { hash, verify } = createPasswords();
  expect(await verify("cafe\u0301 noir", await hash("caf\u00E9 noir"))).toBe(true);
});

it("of the old server still open, and are due for a better hash", async () => {
  const { verify, isOutdated } = createPasswords();
  const made = await bcryptHash("correct horse", 4);
  for (const prefix of ["$2a$", "$2b$", "$2y$"]) {
    const old = made.replace(/^\$2b\$/u, () => prefix);
    expect(await verify("correct horse", old), prefix).toBe(true);
    expect(await verify("correct house", old), prefix).toBe(false);
    expect(isOutdated(old)).toBe(true);
  }
});

it("never fit where there is none", async () => {
  const { verify } = createPasswords();
  for (const password of ["", "correct horse", "undefined"]) {
    expect(await verify(password, undefined)).toBe(false);
  }
});

it("take the same work where there is none", async () => {
  const { hash, verify } = createPasswords();
  const some = await hash("correct horse");
  const compared = vi.mocked(argon2Verify).mockClear();
  await verify("correct house", some);
  await verify("correct house", undefined);
  const work = compared.mock.calls.map(([hashed]) => {
    const { memoryCost, timeCost, parallelism } = parseOptions(String(hashed));
    return { memoryCost, timeCost, parallelism };
  });
  expect(work).toHaveLength(2);
  expect(work[1]).toEqual(work[0]);
});

it("wait their turn, and are refused when too many wait", async () => {
  const { hash } = createPasswords({ concurrency: 1, waiting: 2 });
  const results = await Promise.allSettled(["a", "b", "c", "d"].map((password) => hash(password)));
  expect(results.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
  ]);
  expect(results[3]).toMatchObject({
    reason: { reason: "TOO_MANY_REQUESTS", retryAfterSeconds: 2 },
  });
  await expect(hash("e")).resolves.toContain("$argon2id$");
});
