import { expect, it } from "vitest";
import { isAllowedOrigin } from "./origin.ts";

const allowed = ["https://talk.example.org"];

it.each([
  [undefined, "localhost:3000"],
  ["http://localhost:3000", "localhost:3000"],
  ["http://127.0.0.1:3000", "127.0.0.1:3000"],
  ["http://[::1]:3000", "[::1]:3000"],
  ["http://192.168.1.5:3000", "192.168.1.5:3000"],
  ["https://talk.example.org", "inner:3000"],
])("lets %s call %s", (origin, host) => {
  expect(isAllowedOrigin(origin, host, allowed)).toBe(true);
});

it.each([
  ["null", "localhost:3000"],
  ["", "localhost:3000"],
  ["http://evil.example", "localhost:3000"],
  ["http://localhost:3001", "localhost:3000"],
  ["http://localhost:3000.evil.example", "localhost:3000"],
  ["http://localhost:3000@evil.example", "localhost:3000"],
  ["http://localhost:3000/", "localhost:3000"],
  ["file://localhost:3000", "localhost:3000"],
  ["http://127.0.0.1:3000", "localhost:3000"],
  ["https://talk.example.org.evil.example", "talk.example.org"],
  ["https://evil-talk.example.org", "talk.example.org"],
  ["http://talk.example.org", "talk.example.org"],
  ["https://talk.example.org:8443", "talk.example.org"],
  // A name that its owner has made to lead here.
  ["http://rebound.example:3000", "rebound.example:3000"],
  ["http://localhost:3000", undefined],
])("keeps %s from calling %s", (origin, host) => {
  expect(isAllowedOrigin(origin, host, allowed)).toBe(false);
});
