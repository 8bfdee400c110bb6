// @ts-check

/** How often a step that takes long shows a line where lines can't be rewritten. */
const heartbeatMs = 30_000;
const redrawMs = 500;

/** @typedef {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} Output */

/**
 * Shows the steps under way: one line that is rewritten on a terminal, a line now and then elsewhere.
 */
export class Progress {
  #output;
  #terminal;
  /** @type {Map<string, { since: number, doing: string, shownAt: number }>} */
  #running = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {Output} output */
  constructor(output) {
    this.#output = output;
    this.#terminal = output.isTTY === true;
  }

  /** @param {string} text */
  line(text) {
    if (this.#terminal) this.#output.write("\r\u001B[2K");
    this.#output.write(`${text}\n`);
    this.#draw();
  }

  /** @param {string} name */
  start(name) {
    const now = Date.now();
    this.#running.set(name, { since: now, doing: "", shownAt: now });
    if (!this.#terminal) this.line(`  .. ${name}`);
    this.#timer ??= setInterval(() => this.#draw(), redrawMs);
  }

  /**
   * @param {string} name
   * @param {string} doing what the step is at, e.g. `120 of 281`
   */
  update(name, doing) {
    const step = this.#running.get(name);
    if (step) step.doing = doing;
  }

  /**
   * @param {string} name
   * @param {"ok" | "--" | "!!"} mark done, done in part, failed
   * @param {string} [note]
   */
  end(name, mark, note = "") {
    const since = this.#running.get(name)?.since ?? Date.now();
    this.#running.delete(name);
    if (this.#running.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.line(`  ${mark} ${name}, ${seconds(since)}${note && `: ${note}`}`);
  }

  #draw() {
    if (this.#terminal) this.#redraw();
    else this.#heartbeat();
  }

  #redraw() {
    const text = [...this.#running].map(describe).join(" | ");
    const width = (this.#output.columns ?? 80) - 6;
    this.#output.write(text ? `\r\u001B[2K  .. ${text.slice(0, width)}` : "\r\u001B[2K");
  }

  #heartbeat() {
    const now = Date.now();
    for (const entry of this.#running) {
      if (now - entry[1].shownAt < heartbeatMs) continue;
      entry[1].shownAt = now;
      this.#output.write(`  .. ${describe(entry)}\n`);
    }
  }
}

/** @param {[string, { since: number, doing: string }]} entry */
function describe([name, { since, doing }]) {
  return `${name}, ${seconds(since)}${doing && ` (${doing})`}`;
}

/** @param {number} since */
function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
