import { readdirSync } from "node:fs";
import { join } from "node:path";
import { baseLanguage, type LanguageTag, normaliseLanguage } from "../../../shared/language.ts";

/** One direction that an installed apertium package translates by itself. */
export type Mode = { from: LanguageTag; to: LanguageTag; path: string };

/** Modes are named `spa-cat`, older ones `es-fr`, with a variant after `_`: `es-pt_BR`. */
const modeName = /^([a-z]{2,3})-([a-z]{2,3}(?:_[A-Z]{2})?)\.mode$/;

/** Reads which directions are installed. Throws when the directory can't be read. */
export function discoverModes(directory: string): Mode[] {
  return readdirSync(directory)
    .sort(newestFirst)
    .flatMap((file) => {
      const [, source = "", target = ""] = modeName.exec(file) ?? [];
      const from = normaliseLanguage(source);
      const to = normaliseLanguage(target);
      return from && to ? [{ from, to, path: join(directory, file) }] : [];
    });
}

/**
 * Apertium's packages of the last decade are named by three-letter codes. Their dictionaries are much
 * larger, so of two ways that are equally long, the newer is the better: English reaches French by
 * Catalan ("demain"), not by Spanish ("matin").
 */
function newestFirst(a: string, b: string): number {
  const age = (name: string) => name.indexOf("-") + (name.split("-")[1]?.search(/[._]/) ?? 0);
  return age(b) - age(a) || a.localeCompare(b);
}

/** What to run, in order, for each pair that can be reached in at most `maximumHops` modes. */
export class TranslationRoutes {
  readonly #routes = new Map<string, Mode[]>();
  readonly pairs: readonly (readonly [LanguageTag, LanguageTag])[];

  constructor(modes: readonly Mode[], maximumHops: number) {
    let reached = modes.map((mode) => [mode]);
    for (let hops = 1; hops <= maximumHops; hops += 1) {
      for (const route of reached) this.#keep(route);
      reached = reached.flatMap((route) =>
        modes.filter((next) => next.from === route.at(-1)?.to).map((next) => route.concat(next)),
      );
    }
    this.pairs = [...this.#routes.values()].map((route) => [start(route), end(route)] as const);
  }

  /** The modes for a pair; the base language serves a region that has no mode of its own. */
  find(from: LanguageTag, to: LanguageTag): readonly Mode[] | undefined {
    for (const source of [from, baseLanguage(from)]) {
      for (const target of [to, baseLanguage(to)]) {
        const route = this.#routes.get(key(source, target));
        if (route) return route;
      }
    }
    return undefined;
  }

  #keep(route: Mode[]): void {
    const [from, to] = [start(route), end(route)];
    if (baseLanguage(from) === baseLanguage(to)) return;
    const known = this.#routes.get(key(from, to));
    if (!known || (known.length === route.length && quality(route) > quality(known))) {
      this.#routes.set(key(from, to), route);
    }
  }
}

const key = (from: LanguageTag, to: LanguageTag) => `${from} ${to}`;
const start = (route: readonly Mode[]) => route[0]?.from ?? "";
const end = (route: readonly Mode[]) => route.at(-1)?.to ?? "";

/** Counts the modes with newer names, see `newestFirst`. */
function quality(route: readonly Mode[]): number {
  return route.filter(({ path }) => /[a-z]{3}-[a-z]{3}[^/]*$/.test(path)).length;
}
