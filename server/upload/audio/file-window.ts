import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const WINDOW_BYTES = 256 * 1024;

/** A file through a window that moves along. It reads synchronously: for threads of their own. */
export class FileWindow implements Disposable {
  readonly size: number;
  readonly #file: number;
  readonly #window = Buffer.alloc(WINDOW_BYTES);
  #start = 0;
  #length = 0;

  constructor(path: string) {
    this.#file = openSync(path, "r");
    this.size = fstatSync(this.#file).size;
  }

  /** The bytes at `position`, fewer at the end of the file. Good until the next call. */
  read(position: number, length: number): Buffer {
    if (position < this.#start || position + length > this.#start + this.#length) {
      this.#start = position;
      this.#length = readSync(this.#file, this.#window, 0, WINDOW_BYTES, position);
    }
    const from = position - this.#start;
    return this.#window.subarray(from, Math.min(from + length, this.#length));
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
