import { describe, expect, it, vi } from "vitest";
import { of, openScriptedCall, scripted } from "./testing/scripted-call.ts";
import { eventually } from "../shared/testing/eventually.ts";

/** Who speaks is heard by others in languages of their own, some of whom read as well. */
async function openCall(read: string[]) {
  const translator = scripted.translator();
  const translate = vi.spyOn(translator, "translate");
  const call = await openScriptedCall({ read, engines: { translators: [translator] } });
  const { room, media, captions, openHum } = call;
  const openInlet = vi.spyOn(media, "openInlet");
  const openOutlet = vi.spyOn(media, "openOutlet");
  const ann = call.enter("ann", "es");
  const begin = () => room.openMicrophone(ann.peer, openHum);
  /** Until there are words of her: long enough to be no click or cough. */
  async function speak(): Promise<void> {
    const before = of(captions, "partial").length;
    const heard = () => of(captions, "partial").slice(before);
    await vi.waitFor(() => expect(heard().at(-1)?.unstable).toBe("good morning"), 5000);
  }
  /** Until the last of them has been interpreted. */
  async function end(): Promise<void> {
    room.closeMicrophone(ann.peer);
    await vi.waitFor(() => expect(of(captions, "final")).toHaveLength(1), 5000);
    await vi.waitFor(async () => expect((await media.direct.dump()).producerIds).toEqual([]), 9000);
  }
  return { ...call, ann, translate, openInlet, openOutlet, begin, speak, end };
}

describe("what somebody says", () => {
  it("is translated and spoken for nobody when only they know the language themselves", async () => {
    const { enter, begin, speak, end, translate, openOutlet, captions } = await openCall([]);
    enter("bea", "en");
    await begin();
    await speak();
    await end();
    expect(translate).not.toHaveBeenCalled();
    expect(openOutlet).not.toHaveBeenCalled();
    expect(of(captions, "notice")).toEqual([]);
  });

  it("is translated once for all who hear and read a language", async () => {
    const { enter, begin, speak, end, translate, openOutlet, captions } = await openCall(["es"]);
    for (const name of ["bea", "cleo", "dan"]) enter(name, "es");
    await begin();
    await speak();
    await end();
    expect(translate).toHaveBeenCalledTimes(1);
    expect(openOutlet).toHaveBeenCalledTimes(1);
    expect(of(captions, "voice")).toHaveLength(1);
  });

  it("is translated for who hears it and reads nothing", async () => {
    const { enter, begin, speak, end, captions } = await openCall([]);
    enter("bea", "es");
    await begin();
    await speak();
    await end();
    expect(of(captions, "voice")).toHaveLength(1);
  });

  it("has no voice any more in a language whose last listener has left", async () => {
    const { enter, begin, speak, ann, media, openOutlet } = await openCall([]);
    const bea = enter("bea", "es");
    await begin();
    await speak();
    await eventually(() => expect(openOutlet).toHaveBeenCalled());
    bea.peer.close("left");
    await eventually(async () => expect((await media.direct.dump()).producerIds).toHaveLength(1));
    ann.peer.close("left");
  });

  it("is heard in one language at a time", async () => {
    const { begin, speak, ann, room, openInlet } = await openCall([]);
    await begin();
    await speak();
    room.setLanguages(ann.peer, { speak: "en-GB" });
    await eventually(() => expect(openInlet).toHaveBeenCalledTimes(2));
    const signals = openInlet.mock.calls.map(([, { signal }]) => signal.aborted);
    expect(signals).toEqual([true, false]);
    await speak();
    ann.peer.close("left");
  });
});
