/** Who types at this moment, as far as this process was told. */
export class Typing {
  readonly #idleMs: number;
  readonly #onChange: (roomId: string, accountId: string, typing: boolean) => void;
  readonly #rooms = new Map<string, Map<string, NodeJS.Timeout>>();

  /** Who isn't heard of for `idleMs` types no more. */
  constructor(options: {
    idleMs: number;
    onChange: (roomId: string, accountId: string, typing: boolean) => void;
  }) {
    this.#idleMs = options.idleMs;
    this.#onChange = options.onChange;
  }

  list(roomId: string): string[] {
    return Array.from(this.#rooms.get(roomId)?.keys() ?? []);
  }

  /** Others are told only when it changes, however often it is said. */
  set(roomId: string, accountId: string, typing: boolean): void {
    if (typing) this.#start(roomId, accountId);
    else this.#stop(roomId, accountId);
  }

  close(): void {
    for (const room of this.#rooms.values()) for (const timer of room.values()) clearTimeout(timer);
    this.#rooms.clear();
  }

  #start(roomId: string, accountId: string): void {
    const room = this.#rooms.get(roomId) ?? new Map<string, NodeJS.Timeout>();
    const timer = room.get(accountId);
    if (timer) {
      timer.refresh();
      return;
    }
    const idle = setTimeout(() => this.#stop(roomId, accountId), this.#idleMs);
    idle.unref();
    this.#rooms.set(roomId, room.set(accountId, idle));
    this.#onChange(roomId, accountId, true);
  }

  #stop(roomId: string, accountId: string): void {
    const room = this.#rooms.get(roomId);
    const timer = room?.get(accountId);
    if (!room || !timer) return;
    clearTimeout(timer);
    room.delete(accountId);
    if (room.size === 0) this.#rooms.delete(roomId);
    this.#onChange(roomId, accountId, false);
  }
}
