import { createLocalRecogniser } from "../local/local-recogniser.ts";
import { createLocalSynthesiser } from "../local/local-synthesiser.ts";
import { createLocalTranslator } from "../local/local-translator.ts";
import { describeRecogniser, type Speech } from "./describe-recogniser.ts";
import { describeSynthesiser } from "./describe-synthesiser.ts";
import { describeTranslator } from "./describe-translator.ts";
import { speakWithFlite } from "./flite.ts";

async function speech(text: string): Promise<Speech> {
  return { samples: await speakWithFlite(text, "rms"), text };
}

describeRecogniser("local", async () => ({
  recogniser: createLocalRecogniser(),
  language: "en",
  unsupported: "ja",
  speeches: [
    await speech("the children are playing in the garden"),
    await speech("there are two people waiting at the door"),
  ],
}));

describeTranslator("local", async () => ({
  translator: createLocalTranslator(),
  from: "en",
  to: "es",
  unsupported: "ja",
  text: "The children are playing in the garden.",
  translation: "Los niños están tocando en el jardín.",
}));

describeSynthesiser("local", async () => ({
  synthesiser: await createLocalSynthesiser(),
  language: "es",
  unsupported: "tlh",
  text: "Buenos días a todos y bienvenidos a la reunión de hoy.",
}));
