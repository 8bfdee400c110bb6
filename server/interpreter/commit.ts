import type { LanguageTag } from "../../shared/language.ts";
import { coveredBy } from "./align.ts";
import { clauseRules } from "./clauses.ts";
import { type CommitPolicy, commitPolicy } from "./policy.ts";
import type { Clause, Committed, Heard } from "./speech.ts";
import { createStablePrefix } from "./stable-prefix.ts";
import { textRules } from "./words.ts";

export type CommitOptions = {
  language: LanguageTag;
  policy?: Partial<CommitPolicy>;
  /** ms, for the age of words. `performance.now` unless a test counts its own. */
  now?: () => number;
};

type Ended = Extract<Heard, { type: "ended" }>;

/**
 * Turns what was heard into captions and clauses. Of each utterance: partials, whose stable part only
 * grows, with clauses in between; then one final, then the remaining clauses.
 *
 * - A clause never changes. The clauses of an utterance, joined, say what its final says; where the
 *   recogniser changed its mind about a clause that was out already, the final has the better words
 *   and the clauses go on after those words, found by aligning the two.
 * - An utterance that has clauses has exactly one with `last`, and it is the last one. Its text is empty
 *   when the clauses before it had said all.
 * - An utterance with an empty final and no clause before it has none.
 */
export async function* commit(
  heard: AsyncIterable<Heard>,
  options: CommitOptions,
): AsyncGenerator<Committed, void, undefined> {
  const now = options.now ?? (() => performance.now());
  let utterance: CommittingUtterance | undefined;
  for await (const item of heard) {
    if (item.type === "started") {
      utterance = createUtterance(item.utteranceId, item.startedAt, options);
    } else if (item.type === "partial") {
      yield* utterance?.partial(item.text, now()) ?? [];
    } else {
      yield* utterance?.end(item) ?? [];
      utterance = undefined;
    }
  }
}

type CommittingUtterance = {
  partial(text: string, now: number): Generator<Committed>;
  end(ended: Ended): Generator<Committed>;
};

function createUtterance(
  utteranceId: string,
  startedAt: number,
  { language, policy: part }: CommitOptions,
): CommittingUtterance {
  const policy: CommitPolicy = { ...commitPolicy, ...part };
  const rules = textRules(language);
  const clauses = clauseRules(language, policy);
  const prefix = createStablePrefix(rules, policy);
  /** Stable units that are in a clause. */
  let said = 0;
  let saidAt = startedAt;
  let index = 0;
  let shown = "";

  function clause(text: string, endedAt: number, last: boolean): Committed {
    const clause: Clause = { utteranceId, index, text, language, endedAt, last };
    index += 1;
    saidAt = endedAt;
    return { type: "clause", clause };
  }

  function* cut(): Generator<Committed> {
    for (;;) {
      const pending = prefix.units.slice(said).map(({ unit }) => unit);
      const count = clauses.next(pending);
      if (count === 0) return;
      said += count;
      const endedAt = prefix.units[said - 1]?.at ?? saidAt;
      yield clause(rules.join(pending.slice(0, count)), endedAt, false);
    }
  }

  return {
    *partial(text, now) {
      const rest = prefix.push(rules.split(text), now);
      const stable = rules.join(prefix.units.map(({ unit }) => unit));
      const unstable = rules.join(rest);
      if (`${stable}\n${unstable}` === shown) return;
      shown = `${stable}\n${unstable}`;
      yield { type: "partial", utteranceId, startedAt, stable, unstable };
      yield* cut();
    },
    *end({ text, endedAt, cut, error }) {
      yield { type: "final", utteranceId, text, startedAt, endedAt, cut, error };
      const units = rules.split(text);
      const committed = prefix.units.slice(0, said).map(({ unit }) => unit);
      const left = units.slice(coveredBy(committed, units));
      const pieces = clauses.rest(left);
      if (pieces.length === 0 && index > 0) yield clause("", endedAt, true);
      const from = Math.min(saidAt, endedAt);
      let count = 0;
      for (const [number, piece] of pieces.entries()) {
        count += piece.length;
        // Nobody says when each word was spoken: evenly, as near as is known.
        const at = from + ((endedAt - from) * count) / left.length;
        yield clause(rules.join(piece), at, number === pieces.length - 1);
      }
    },
  };
}
