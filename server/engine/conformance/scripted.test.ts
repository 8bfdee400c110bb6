import { HEARING_RATE } from "../../kit/pcm.ts";
import { createScriptedRecogniser } from "../scripted/scripted-recogniser.ts";
import { createScriptedSynthesiser } from "../scripted/scripted-synthesiser.ts";
import { createScriptedTranslator } from "../scripted/scripted-translator.ts";
import { describeRecogniser } from "./describe-recogniser.ts";
import { describeSynthesiser } from "./describe-synthesiser.ts";
import { describeTranslator } from "./describe-translator.ts";

const text = "Buenos días a todos y bienvenidos a la reunión de hoy.";

function tone(seconds: number): Int16Array {
  return Int16Array.from({ length: seconds * HEARING_RATE }, (_, index) =>
    Math.round(5000 * Math.sin((2 * Math.PI * 440 * index) / HEARING_RATE)),
  );
}

describeRecogniser("scripted", async () => ({
  recogniser: createScriptedRecogniser({
    languages: ["en"],
    script: ({ duration }) => (duration > 1500 ? "could you open the window" : "good morning"),
  }),
  language: "en",
  unsupported: "fr",
  speeches: [
    { samples: tone(1), text: "good morning" },
    { samples: tone(2), text: "could you open the window" },
  ],
}));

describeTranslator("scripted", async () => ({
  translator: createScriptedTranslator({ pairs: [["en", "es"]] }),
  from: "en",
  to: "es",
  unsupported: "ja",
  text: "The house is here.",
  translation: "[es] The house is here.",
}));

describeSynthesiser("scripted", async () => ({
  synthesiser: createScriptedSynthesiser({ languages: ["es", "en"] }),
  language: "es",
  unsupported: "ja",
  text,
}));
