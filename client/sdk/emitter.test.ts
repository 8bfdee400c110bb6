import { describe, expect, it } from "vitest";
import { Emitter } from "./emitter.ts";

describe("an emitter", () => {
  it("tells listeners of their own event until they are taken away", () => {
    const emitter = new Emitter<{ one: number; other: string }>();
    const heard: number[] = [];
    const off = emitter.on("one", (event) => heard.push(event));

    emitter.emit("one", 1);
    emitter.emit("other", "nobody listens");
    off();
    emitter.emit("one", 2);

    expect(heard).toEqual([1]);
  });

  it("takes one function given twice for two listeners", () => {
    const emitter = new Emitter<{ one: number }>();
    let heard = 0;
    const listener = () => (heard += 1);
    const off = emitter.on("one", listener);
    emitter.on("one", listener);

    emitter.emit("one", 1);
    off();
    off();
    emitter.emit("one", 2);

    expect(heard).toBe(3);
  });
});
