import { expect, it } from "vitest";
import { deviceName } from "./device-name.ts";

const mozilla = "Mozilla/5.0";

it.each([
  [
    `${mozilla} (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36`,
    "Chrome · Linux",
  ],
  [`${mozilla} (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0`, "Edge · Windows"],
  [
    `${mozilla} (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1`,
    "Safari · iPhone",
  ],
  [
    `${mozilla} (Macintosh; Intel Mac OS X 15.1; rv:140.0) Gecko/20100101 Firefox/140.0`,
    "Firefox · macOS",
  ],
  ["kitchen-robot/2", "kitchen-robot/2"],
])("calls %s %s", (userAgent, name) => {
  expect(deviceName(userAgent)).toBe(name);
});
