type Listeners<Events> = { [Name in keyof Events]?: Set<(event: Events[Name]) => void> };

/** Tells listeners of typed events, in the order in which they came. */
export class Emitter<Events> {
  readonly #listeners: Listeners<Events> = {};

  /** Gives what takes the listener away again. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    // Wrapped, so that one function given twice is two listeners.
    const entry = (event: Events[Name]) => listener(event);
    const listeners = (this.#listeners[name] ??= new Set());
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of Array.from(this.#listeners[name] ?? [])) {
      try {
        listener(event);
      } catch (error) {
        // One bad listener is its owner's business: the others and the sender go on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** What an object that tells of events has in its public face. */
export type Observable<Events> = {
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
};
