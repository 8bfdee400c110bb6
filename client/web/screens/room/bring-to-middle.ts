/**
 * Scrolls the list that holds the element so that it is in the middle, and marks it as found for a
 * while. The page around the list stays where it is.
 */
export function bringToMiddle(element: HTMLElement): void {
  const list = element.closest('[role="log"]');
  if (!list) return;
  const place = element.getBoundingClientRect();
  const frame = list.getBoundingClientRect();
  list.scrollTop += place.top - frame.top - (frame.height - place.height) / 2;
  element.dataset["found"] = "true";
  element.addEventListener("animationend", () => delete element.dataset["found"], { once: true });
}
