import type { EngineKind, EngineStatus } from "../../../shared/engine.ts";
import { baseLanguage, type LanguageTag, normaliseLanguage } from "../../../shared/language.ts";
import { languageName, nativeLanguageName } from "./language-name.ts";

/** What a server's engines do for a language. */
export type LanguageAbilities = { recognised: boolean; translated: boolean; spoken: boolean };

export type LanguageOption = {
  tag: LanguageTag;
  /** In the language itself. */
  native: string;
  /** In the language of the page. */
  local: string;
  abilities: LanguageAbilities;
};

/** Offered on every server: who speaks them can read and write here, whatever is interpreted. */
const commonLanguages: readonly LanguageTag[] =
  "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl pa pl ps pt ro ru si sk sl sq sr sv sw ta te th tr uk ur uz vi yo zh zh-Hant zu".split(
    " ",
  );

/**
 * Every language that can be chosen, those first that the server interprets, each group by name.
 * Of a language that engines know in several regions, the base is offered.
 */
export function languageOptions(
  engines: readonly EngineStatus[],
  displayLanguage: LanguageTag,
): LanguageOption[] {
  const served = servedLanguages(engines);
  // A voice alone makes no interpreter: what can only be spoken isn't worth offering by itself.
  const tags = new Set([...commonLanguages, ...served.recogniser, ...served.translator]);
  const collator = new Intl.Collator(displayLanguage);
  return Array.from(tags, (tag): LanguageOption => {
    const base = baseLanguage(tag);
    return {
      tag,
      native: nativeLanguageName(tag),
      local: languageName(tag, displayLanguage),
      abilities: {
        recognised: served.recogniser.has(base),
        translated: served.translator.has(base),
        spoken: served.synthesiser.has(base),
      },
    };
  }).sort(
    (a, b) =>
      Number(isInterpreted(b)) - Number(isInterpreted(a)) || collator.compare(a.local, b.local),
  );
}

/** Whether the server can do anything for speakers of the language beyond carrying their voices. */
export function isInterpreted({ abilities }: LanguageOption): boolean {
  return abilities.recognised || abilities.translated;
}

/** Whether some engine translates from one to the other, regions aside. */
export function translates(
  engines: readonly EngineStatus[],
  from: LanguageTag,
  to: LanguageTag,
): boolean {
  const [fromBase, toBase] = [baseLanguage(from), baseLanguage(to)];
  return engines.some(
    (engine) =>
      engine.available &&
      engine.pairs?.some(
        ([source, target]) => baseLanguage(source) === fromBase && baseLanguage(target) === toBase,
      ),
  );
}

/** The first of the browser's languages that can be chosen, as it is offered; English otherwise. */
export function preferredLanguage(
  preferred: readonly string[],
  options: readonly LanguageOption[],
): LanguageTag {
  for (const text of preferred) {
    const tag = normaliseLanguage(text);
    if (tag === undefined) continue;
    const { language, script } = new Intl.Locale(tag).maximize();
    const found =
      options.find((option) => option.tag === tag) ??
      options.find(
        (option) =>
          new Intl.Locale(option.tag).maximize().script === script &&
          baseLanguage(option.tag) === language,
      );
    if (found) return found.tag;
  }
  return "en";
}

/** Whether a search finds the language: by either name or by its tag, accents and case aside. */
export function matchesSearch(option: LanguageOption, search: string): boolean {
  const wanted = fold(search.trim());
  return (
    fold(option.native).includes(wanted) ||
    fold(option.local).includes(wanted) ||
    option.tag.toLowerCase().startsWith(wanted)
  );
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function servedLanguages(engines: readonly EngineStatus[]): Record<EngineKind, Set<string>> {
  const served: Record<EngineKind, Set<string>> = {
    recogniser: new Set(),
    translator: new Set(),
    synthesiser: new Set(),
  };
  for (const engine of engines) {
    if (!engine.available) continue;
    const tags = engine.pairs?.map(([, to]) => to) ?? engine.languages;
    for (const tag of tags) served[engine.kind].add(baseLanguage(tag));
  }
  return served;
}
