import { baseLanguage, type LanguageTag } from "../../shared/language.ts";
import { type CommitPolicy } from "./policy.ts";
import { isSpaceless, textRules, type Unit } from "./words.ts";

/** Words that begin a new thought more often than they join two words. */
const CONJUNCTIONS: Record<string, string> = {
  en: "and but or because so although though while when which that if then before after until",
  es: "y e pero o porque aunque mientras cuando que si entonces donde pues sino",
  fr: "et mais ou parce car donc quand lorsque que qui si puis alors tandis",
  de: "und aber oder weil denn dass wenn als obwohl während damit sondern bevor nachdem",
  pt: "e mas ou porque embora enquanto quando que se então pois",
  it: "e ed ma o perché anche mentre quando che se allora quindi",
  ca: "i però o perquè encara mentre quan que si llavors doncs",
  nl: "en maar of omdat want dus terwijl wanneer toen dat als hoewel",
};

const SENTENCE_END = /[.!?…。！？｡।؟]["'”’»)\]」』]*$/u;
const PAUSE = /[,;:，、；：،]["'”’»)\]」』]*$/u;
/** `Mr.`, `St.`, `J.` end no sentence. */
const ABBREVIATION = /^\p{Lu}\p{L}{0,2}\.$/u;

export type ClauseRules = {
  /** How many of the first `stable` units make a clause while the speaker goes on; 0 for none yet. */
  next(stable: readonly Unit[]): number;
  /** Cuts what is left when the speaker has ended into clauses. */
  rest(units: readonly Unit[]): Unit[][];
};

/**
 * Where speech may be cut to be translated: after a sentence; in long ones at a pause or before a
 * conjunction; and in very long ones anywhere between two words.
 */
export function clauseRules(language: LanguageTag, policy: CommitPolicy): ClauseRules {
  const scale = isSpaceless(language) ? policy.spacelessCharacters : 1;
  const minimum = policy.minimumWords * scale;
  const long = policy.clauseWords * scale;
  const maximum = policy.maximumWords * scale;
  const conjunctions = new Set(CONJUNCTIONS[baseLanguage(language)]?.split(" "));
  const rules = textRules(language);

  const endsSentence = ({ text }: Unit) => SENTENCE_END.test(text) && !ABBREVIATION.test(text);

  function sentence(units: readonly Unit[]): number {
    const end = units.findIndex((unit, index) => index + 1 >= minimum && endsSentence(unit));
    return end + 1;
  }

  /** The last joint in the second half: clauses of a few words translate badly. */
  function joint(units: readonly Unit[]): number {
    const earliest = Math.max(minimum, Math.floor(long / 2));
    let conjunction = 0;
    for (let index = units.length - 1; index >= earliest; index -= 1) {
      if (PAUSE.test(units[index - 1]?.text ?? "")) return index;
      if (conjunction === 0 && conjunctions.has(units[index]?.key ?? "")) conjunction = index;
    }
    return conjunction;
  }

  const anywhere = (units: readonly Unit[]) => rules.wordBoundary(units, maximum) || maximum;

  return {
    next(stable) {
      const whole = sentence(stable);
      if (whole > 0) return whole;
      if (stable.length < long) return 0;
      const joined = joint(stable.slice(0, maximum));
      if (joined > 0) return joined;
      return stable.length >= maximum ? anywhere(stable) : 0;
    },
    rest(units) {
      const clauses: Unit[][] = [];
      let left = units.slice();
      while (left.length > 0) {
        const whole = sentence(left);
        let end = whole > 0 ? whole : left.length;
        if (end > maximum) end = joint(left.slice(0, maximum)) || anywhere(left);
        clauses.push(left.slice(0, end));
        left = left.slice(end);
      }
      return clauses;
    },
  };
}
