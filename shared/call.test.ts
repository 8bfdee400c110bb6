import { expect, it } from "vitest";
import { rtpParametersSchema } from "./call.ts";

const parameters = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`name${index}`, index]));
const parse = (of: object) =>
  rtpParametersSchema.safeParse({
    codecs: [{ mimeType: "audio/opus", payloadType: 100, clockRate: 48_000, parameters: of }],
    encodings: [{ ssrc: 1 }],
    rtcp: {},
  });

it("what WebRTC negotiates has few parameters, and more aren't looked at one by one", () => {
  expect(parse(parameters(32)).data?.codecs[0]?.parameters).toEqual(parameters(32));
  expect(parse({ usedtx: {} }).success).toBe(false);
  const nested = Array.from({ length: 100 }, (_, index) => [`name${index}`, {}]);
  expect(parse(Object.fromEntries(nested)).error?.issues).toHaveLength(1);
});
