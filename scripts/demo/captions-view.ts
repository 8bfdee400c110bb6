import { styleText } from "node:util";
import type { CaptionEvent } from "../../shared/call.ts";

/** What the view writes to: standard output, or a test's own. */
export type Terminal = { write(text: string): unknown; isTTY?: boolean; columns?: number };

/** Shows captions as they come: what is being said in one line that changes, then what was said. */
export function createCaptionsView(terminal: Terminal) {
  let live = false;

  const clear = () => {
    if (live) terminal.write("\r\u001B[2K");
    live = false;
  };
  const line = (label: string, text: string) => {
    clear();
    terminal.write(`${label.padStart(6)}  ${text}\n`);
  };

  return {
    show(event: CaptionEvent): void {
      const name = event.speaker.name;
      if (event.type === "partial" && terminal.isTTY) {
        clear();
        const room = Math.max(20, (terminal.columns ?? 80) - 10);
        const text = `${event.stable} ${event.unstable}`.trim().slice(-room);
        terminal.write(`${name.padStart(6)}  ${styleText("dim", text)}`);
        live = true;
      }
      if (event.type === "final" && event.text !== "") line(name, event.text);
      if (event.type === "translation" && event.final) {
        line(event.language, terminal.isTTY ? styleText("cyan", event.text) : event.text);
      }
      if (event.type === "voice") {
        line("", `spoken in ${event.language}, ${(event.lagMs / 1000).toFixed(1)} s behind`);
      }
      if (event.type === "notice") line(name, event.notice);
    },
    end: clear,
  };
}
