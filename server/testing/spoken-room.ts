import { Calls } from "../call/calls.ts";
import { createEngineRegistry, type Engines } from "../engine/engine-registry.ts";
import { createScriptedRecogniser } from "../engine/scripted/scripted-recogniser.ts";
import { createScriptedTranslator } from "../engine/scripted/scripted-translator.ts";
import { openBackdoor } from "../media/testing/backdoor.ts";
import { openCalls } from "../open-calls.ts";
import { createTestMicrophone } from "./speak.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

export type Person = Awaited<ReturnType<TestServer["signIn"]>>;

/** What everyone says in English, as the recogniser's script has it. */
export const said = "good morning to all of you at home";

/** Speech takes its time. */
export const spoken = { timeout: 15_000, interval: 50 };

export type SpokenRoom = Awaited<ReturnType<typeof openSpokenRoom>>;

/** A whole server with real media and scripted engines, and Ann, who has made a room to talk in. */
export async function openSpokenRoom(engines: Pick<Engines, "synthesisers">) {
  let opened: Calls | undefined;
  const server = await startTestServer({
    environment: { RTC_PORT: "0", RTC_WORKERS: "1" },
    openEngines: () => Promise.resolve(createEngineRegistry({ ...scripted(), ...engines })),
    openCalls: async (dependencies) => {
      const calls = await openCalls(dependencies);
      if (!(calls instanceof Calls)) throw new Error(calls.unavailable);
      return (opened = calls);
    },
  });
  if (!opened) throw new Error("a server has calls");
  const calls = opened;
  const ann = await server.signIn("Ann", "en");
  const { id: roomId } = await ann.client.room.create.mutate({ name: "Kitchen" });

  /** Somebody else in the room. */
  async function enter(name: string, language: string): Promise<Person> {
    const person = await server.signIn(name, language);
    await person.client.room.join.mutate({ roomId });
    return person;
  }

  /** Of somebody who is in the call. */
  async function openMicrophone(person: Person, peerId: string) {
    const { peer, room } = calls.find(person.account.id, peerId);
    const sender = await openBackdoor(room.media).produce();
    await room.openMicrophone(peer, () => Promise.resolve(sender.producer));
    return createTestMicrophone(sender);
  }

  return { server, calls, ann, roomId, enter, openMicrophone };
}

function scripted() {
  const languages = ["en", "es", "fr"];
  const pairs = languages.flatMap((from) => languages.map((to) => [from, to] as const));
  return {
    recognisers: [
      createScriptedRecogniser({
        languages: ["en", "es"],
        // A word each 100 ms.
        script: ({ language, duration }) =>
          language === "en" ? said.split(" ", duration / 100).join(" ") : "buenos dias",
      }),
    ],
    translators: [createScriptedTranslator({ pairs })],
  };
}
