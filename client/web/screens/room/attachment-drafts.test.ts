import { describe, expect, it } from "vitest";
import type { Upload } from "../../../../shared/upload.ts";
import { ParleyError, type UploadOptions } from "../../../sdk/index.ts";
import { AttachmentDrafts } from "./attachment-drafts.ts";
import { eventually } from "../../../../shared/testing/eventually.ts";

const photo = (name = "cat.png") => new File(["cat"], name, { type: "image/png" });
const stored = (id: string): Upload => ({
  id,
  kind: "room-photo",
  url: `/uploads/${id}`,
  contentType: "image/webp",
  bytes: 3,
  name: id,
  createdAt: "2026-01-01T10:00:00.000Z",
});

/** Uploads that go as far as the test lets them. */
function setUp() {
  const sending: { options: UploadOptions; settle: PromiseWithResolvers<Upload> }[] = [];
  const discarded: string[] = [];
  const upload = (_file: Blob, options: UploadOptions) => {
    const settle = Promise.withResolvers<Upload>();
    options.signal?.addEventListener("abort", () => settle.reject(new Error("aborted")));
    sending.push({ options, settle });
    return settle.promise;
  };
  const drafts = new AttachmentDrafts({ upload }, "room", (id) => discarded.push(id));
  return { drafts, sending, discarded };
}

describe("files that go with a message", () => {
  it("are sent at once, and say how far they are", async () => {
    const { drafts, sending } = setUp();
    drafts.add([photo()]);
    sending[0]?.options.onProgress?.(1, 4);
    expect(drafts.state.drafts).toMatchObject([{ kind: "room-photo", progress: 0.25 }]);
    expect(sending[0]?.options).toMatchObject({ kind: "room-photo", roomId: "room" });
    sending[0]?.settle.resolve(stored("u1"));
    await eventually(() => expect(drafts.state.drafts[0]?.uploadId).toBe("u1"));
    expect(drafts.take()).toEqual(["u1"]);
    expect(drafts.state.drafts).toEqual([]);
  });

  it("can be broken off, and be given up after they were stored", async () => {
    const { drafts, sending, discarded } = setUp();
    drafts.add([photo("one.png"), photo("two.png")]);
    const [one, two] = drafts.state.drafts.map(({ key }) => key);
    drafts.remove(one ?? "");
    expect(sending[0]?.options.signal?.aborted).toBe(true);
    sending[1]?.settle.resolve(stored("u2"));
    await eventually(() => expect(drafts.state.drafts[0]?.uploadId).toBe("u2"));
    drafts.remove(two ?? "");
    expect(discarded).toEqual(["u2"]);
    expect(drafts.state.drafts).toEqual([]);
  });

  it("that failed stay with the reason, and can be sent again", async () => {
    const { drafts, sending } = setUp();
    drafts.add([photo()]);
    sending[0]?.settle.reject(new ParleyError("CONNECTION_LOST", "gone"));
    await eventually(() => expect(drafts.state.drafts[0]?.error?.reason).toBe("CONNECTION_LOST"));
    void drafts.sendAgain(drafts.state.drafts[0]?.key ?? "");
    expect(drafts.state.drafts[0]?.error).toBeUndefined();
    sending[1]?.settle.resolve(stored("u1"));
    await eventually(() => expect(drafts.state.drafts[0]?.uploadId).toBe("u1"));
  });

  it("are photos and sound alone", () => {
    const { drafts, sending } = setUp();
    drafts.add([
      new File(["x"], "notes.pdf", { type: "application/pdf" }),
      new File(["x"], "voice.webm", { type: "video/webm" }),
    ]);
    expect(drafts.state.drafts).toMatchObject([
      { error: { reason: "UPLOAD_TYPE_REFUSED" } },
      { kind: "room-audio" },
    ]);
    expect(sending).toHaveLength(1);
  });

  it("are as many as a message takes", () => {
    const { drafts } = setUp();
    drafts.add(Array.from({ length: 12 }, () => photo()));
    expect(drafts.state.drafts).toHaveLength(10);
    expect(drafts.state.isTooMany).toBe(true);
  });
});
