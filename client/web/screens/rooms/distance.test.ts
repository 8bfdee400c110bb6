import { expect, it } from "vitest";
import { distanceText } from "./distance.ts";

it("says distances as exactly as it matters", () => {
  expect(distanceText(0, "en")).toBe("0 m");
  expect(distanceText(848, "en")).toBe("850 m");
  expect(distanceText(996, "en")).toBe("1 km");
  expect(distanceText(4160, "en")).toBe("4.2 km");
  expect(distanceText(1_312_000, "en")).toBe("1,300 km");
  expect(distanceText(4160, "zh-CN")).toBe("4.2公里");
});
