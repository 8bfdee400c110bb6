import type { KeyboardEvent } from "react";

const steps: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowRight: 1,
};

/**
 * Keys in a list of lines that have controls of their own: up and down go from line to line, left and
 * right to the controls of one. The tab key passes them by: else whoever has no mouse would go
 * through hundreds of them to what comes after the list.
 */
export function goAboutLines(event: KeyboardEvent<HTMLElement>): void {
  const { currentTarget: list, target, key } = event;
  const step = steps[key];
  if (step === undefined || event.defaultPrevented || !(target instanceof HTMLElement)) return;
  // What opened above a line lies elsewhere in the page; what is typed in or played has its own use
  // for the keys.
  if (!list.contains(target) || target.matches("input, textarea, audio")) return;
  const line = target.closest<HTMLElement>("li[tabindex]");
  const isAcross = key === "ArrowLeft" || key === "ArrowRight";
  const next = isAcross ? nextControl(line, target, step) : nextLine(list, line, step);
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function nextLine(list: HTMLElement, line: HTMLElement | null, step: number) {
  const lines = Array.from(list.querySelectorAll<HTMLElement>("li[tabindex]"));
  if (line) return lines[lines.indexOf(line) + step];
  const { bottom } = list.getBoundingClientRect();
  return lines.findLast((one) => one.getBoundingClientRect().top < bottom);
}

function nextControl(line: HTMLElement | null, target: HTMLElement, step: number) {
  if (!line) return undefined;
  const places = [line, ...line.querySelectorAll<HTMLElement>("button:enabled, a[href]")];
  return places[places.indexOf(target) + step];
}
