export type PresenceOptions = {
  onChange: (roomId: string, accountId: string, present: boolean) => void;
  /** Who comes back within this time was never gone: reconnecting doesn't flicker. */
  graceMs?: number;
};

type Visit = { open: number; leaving: NodeJS.Timeout | undefined };

/** Who has which room open at this moment, on how many screens. */
export class Presence {
  readonly #onChange: PresenceOptions["onChange"];
  readonly #graceMs: number;
  readonly #rooms = new Map<string, Map<string, Visit>>();

  constructor(options: PresenceOptions) {
    this.#onChange = options.onChange;
    this.#graceMs = options.graceMs ?? 3000;
  }

  has(roomId: string, accountId: string): boolean {
    return this.#rooms.get(roomId)?.has(accountId) ?? false;
  }

  count(roomId: string): number {
    return this.#rooms.get(roomId)?.size ?? 0;
  }

  /** Gives what undoes it. Undoing twice is harmless. */
  enter(roomId: string, accountId: string): () => void {
    const visits = this.#rooms.get(roomId) ?? new Map<string, Visit>();
    this.#rooms.set(roomId, visits);
    let visit = visits.get(accountId);
    if (visit) {
      clearTimeout(visit.leaving);
      visit.open += 1;
    } else {
      visit = { open: 1, leaving: undefined };
      visits.set(accountId, visit);
      this.#onChange(roomId, accountId, true);
    }
    const entered = visit;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      entered.open -= 1;
      if (entered.open === 0) this.#leaveSoon(roomId, accountId, entered);
    };
  }

  /** At once and without telling: the account is no member any more. */
  remove(roomId: string, accountId: string): void {
    const visits = this.#rooms.get(roomId);
    const visit = visits?.get(accountId);
    if (!visits || !visit) return;
    clearTimeout(visit.leaving);
    visits.delete(accountId);
    if (visits.size === 0) this.#rooms.delete(roomId);
  }

  #leaveSoon(roomId: string, accountId: string, visit: Visit): void {
    visit.leaving = setTimeout(() => {
      if (this.#rooms.get(roomId)?.get(accountId) !== visit) return;
      this.remove(roomId, accountId);
      this.#onChange(roomId, accountId, false);
    }, this.#graceMs);
    visit.leaving.unref();
  }
}
