import { expect, it } from "vitest";
import { createLog } from "./log.ts";

function openLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, log: createLog({ level: "trace", pretty: false }, destination) };
}

it("says of an error what went wrong, and not with what", () => {
  const { lines, log } = openLog();
  const cause = Object.assign(new Error("duplicate key"), {
    code: "23505",
    detail: "Key (email)=(ann@example.org) already exists.",
    command: { name: "set", args: ["ann@example.org"] },
  });
  log.error({ err: cause }, "a procedure failed");
  log.error({ err: new Error("it failed", { cause }) }, "a procedure failed");
  log.error({ err: "ann@example.org" }, "what was thrown is no error");
  log.error({ err: null }, "nothing was thrown");
  expect(lines).toHaveLength(4);
  const [first = "", second = ""] = lines;
  expect(JSON.parse(first)).toMatchObject({ err: { message: "duplicate key", code: "23505" } });
  expect(JSON.parse(second)).toMatchObject({ err: { message: "it failed: duplicate key" } });
  expect(lines.join("")).toContain("log.test.ts");
  expect(lines.join("")).not.toContain("ann@");
});

it("leaves out what opens doors and says who somebody is", () => {
  const { lines, log } = openLog();
  const secrets = { password: "hunter2", token: "hunter2", cookie: "hunter2", email: "hunter2" };
  log.info({ ...secrets, input: { ...secrets, text: "hunter2" } }, "asked");
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("hunter2");
});
