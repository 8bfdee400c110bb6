import { coveredBy } from "./align.ts";
import type { CommitPolicy } from "./policy.ts";
import type { TextRules, Unit } from "./words.ts";

/** A unit that will not change, and when it was first recognised. */
export type StableUnit = { unit: Unit; at: number };

type Agreement = { key: string; partials: number; since: number };

export type StablePrefix = {
  /** Takes the next partial at `now` (ms). Gives what may still change: what follows the prefix. */
  push(units: readonly Unit[], now: number): Unit[];
  /** Only ever grows. */
  readonly units: readonly StableUnit[];
};

/**
 * The words on which the last partials agree. A word joins the prefix only after all before it, and
 * stays whatever later partials say; those are aligned with it to find what follows.
 */
export function createStablePrefix(rules: TextRules, policy: CommitPolicy): StablePrefix {
  const stable: StableUnit[] = [];
  let agreed: Agreement[] = [];

  function agree(rest: readonly Unit[], now: number): void {
    let broken = false;
    agreed = rest.map(({ key }, index) => {
      const before = agreed[index];
      broken ||= before?.key !== key;
      return broken || !before
        ? { key, partials: 1, since: now }
        : { ...before, partials: before.partials + 1 };
    });
  }

  return {
    units: stable,
    push(units, now) {
      const committed = stable.map(({ unit }) => unit);
      const rest = units.slice(coveredBy(committed, units));
      agree(rest, now);
      const { agreeingPartials, agreeingMs, unstableWords } = policy;
      const doubtful = agreed.findIndex(
        ({ partials, since }) => partials < agreeingPartials && now - since < agreeingMs,
      );
      const sure = doubtful < 0 ? rest.length : doubtful;
      const old = Math.max(0, rest.length - unstableWords);
      const count = rules.wordBoundary(rest, Math.min(sure, old));
      for (const [index, unit] of rest.slice(0, count).entries()) {
        stable.push({ unit, at: agreed[index]?.since ?? now });
      }
      agreed = agreed.slice(count);
      return rest.slice(count);
    },
  };
}
