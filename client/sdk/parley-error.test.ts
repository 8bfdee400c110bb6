import { TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import { microphoneError } from "./microphone.ts";
import { ParleyError, toParleyError } from "./parley-error.ts";

function refusal(data: unknown) {
  return TRPCClientError.from({ error: { code: -32004, message: "Said the server.", data } });
}

describe("an error of the SDK", () => {
  it("has the reason that the server gave", () => {
    const error = toParleyError(refusal({ code: "NOT_FOUND", reason: "ROOM_NOT_FOUND" }));
    expect(error).toBeInstanceOf(ParleyError);
    expect(error).toMatchObject({ reason: "ROOM_NOT_FOUND", message: "Said the server." });
    expect(error.retryable).toBe(false);
  });

  it("says that the connection is lost when no server answered, or something in its place", () => {
    const refused = toParleyError(TRPCClientError.from(new TypeError("fetch failed")));
    const proxy = toParleyError(refusal({ code: "BAD_GATEWAY", reason: "NO_SUCH_REASON" }));
    for (const error of [refused, proxy]) {
      expect(error.reason).toBe("CONNECTION_LOST");
      expect(error.retryable).toBe(true);
      expect(error.cause).toBeInstanceOf(TRPCClientError);
    }
  });

  it("stays what it is, also inside of another one", () => {
    const error = new ParleyError("CALL_ENDED", "The call has ended.");
    expect(toParleyError(error)).toBe(error);
    expect(toParleyError(TRPCClientError.from(error))).toBe(error);
  });

  it("tells a browser without WebRTC from a failure of our own", () => {
    const unsupported = Object.assign(new Error("no"), { name: "UnsupportedError" });
    expect(toParleyError(unsupported).reason).toBe("BROWSER_UNSUPPORTED");
    expect(toParleyError(new RangeError("a bug")).reason).toBe("INTERNAL");
    expect(toParleyError("thrown text").reason).toBe("INTERNAL");
  });

  it.each([
    ["NotAllowedError", "MICROPHONE_DENIED"],
    ["NotFoundError", "MICROPHONE_MISSING"],
    ["OverconstrainedError", "MICROPHONE_MISSING"],
    ["NotReadableError", "MICROPHONE_BUSY"],
    ["TypeError", "BROWSER_UNSUPPORTED"],
  ])("calls a browser's %s %s", (name, reason) => {
    expect(microphoneError(new DOMException("no", name)).reason).toBe(reason);
  });
});
