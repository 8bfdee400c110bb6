import { baseLanguage, type LanguageTag } from "../../shared/language.ts";
import type { CommitPolicy } from "./policy.ts";
import { isSpaceless, textRules, type Unit } from "./words.ts";

/** Words that begin a new thought more often than they join two words. */
const CONJUNCTIONS: Record<string, string> = {
  en: "and but or because so although though while when if then before after until",
  es: "y e pero o porque aunque mientras cuando si entonces pues sino",
  fr: "et mais ou parce car donc quand lorsque si puis alors tandis",
  de: "und aber oder weil denn wenn als obwohl während damit sondern bevor nachdem",
  pt: "e mas ou porque embora enquanto quando se então pois",
  it: "e ed ma o perché anche mentre quando se allora quindi",
  ca: "i però o perquè encara mentre quan si llavors doncs",
  nl: "en maar of omdat want dus terwijl wanneer toen als hoewel",
};

/** Words that begin a part which belongs to what is before it: a worse place than the above. */
const RELATIVES: Record<string, string> = {
  en: "that which who where",
  es: "que quien cual donde",
  fr: "que qui dont où",
  de: "dass der die das welche wo",
  pt: "que quem qual onde",
  it: "che cui dove",
  ca: "que qui on",
  nl: "dat die waar",
};

const SENTENCE_END = /[.!?…。！？｡।؟]["'”’»)\]」』]*$/u;
const PAUSE = /[,;:，、；：،]["'”’»)\]」』]*$/u;
/** `Mr.`, `St.`, `J.` end no sentence. */
const ABBREVIATION = /^\p{Lu}\p{L}{0,2}\.$/u;

/** Words that a clause has at least when it isn't a sentence. */
const SHORTEST_CLAUSE = 5;

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
  const wordsOf = (lists: Record<string, string>) =>
    new Set(lists[baseLanguage(language)]?.split(" "));
  const conjunctions = wordsOf(CONJUNCTIONS);
  const relatives = wordsOf(RELATIVES);
  const rules = textRules(language);

  const endsSentence = ({ text }: Unit) => SENTENCE_END.test(text) && !ABBREVIATION.test(text);

  function sentence(units: readonly Unit[]): number {
    const end = units.findIndex((unit, index) => index + 1 >= minimum && endsSentence(unit));
    return end + 1;
  }

  /** The last pause, or else the last of `words`. Clauses of a few words translate badly. */
  function joint(units: readonly Unit[], words: ReadonlySet<string>): number {
    const earliest = Math.max(minimum, SHORTEST_CLAUSE * scale);
    let word = 0;
    for (let index = units.length - 1; index >= earliest; index -= 1) {
      if (PAUSE.test(units[index - 1]?.text ?? "")) return index;
      if (word === 0 && words.has(units[index]?.key ?? "")) word = index;
    }
    return word;
  }

  function cut(units: readonly Unit[]): number {
    const most = units.slice(0, maximum);
    const whole = joint(most, conjunctions) || joint(most, relatives);
    return whole || rules.wordBoundary(units, maximum) || maximum;
  }

  return {
    next(stable) {
      const whole = sentence(stable);
      if (whole > 0) return whole;
      if (stable.length < long) return 0;
      return stable.length < maximum ? joint(stable, conjunctions) : cut(stable);
    },
    rest(units) {
      const clauses: Unit[][] = [];
      let left = units.slice();
      while (left.length > 0) {
        const whole = sentence(left);
        let end = whole > 0 ? whole : left.length;
        if (end > maximum) end = cut(left);
        clauses.push(left.slice(0, end));
        left = left.slice(end);
      }
      return clauses;
    },
  };
}
