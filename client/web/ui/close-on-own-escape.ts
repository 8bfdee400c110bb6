import type { KeyboardEvent } from "react";

/**
 * What closes a dialog in which others can open, instead of its own `closeOnEscape`: that one listens
 * to the whole window, and Escape would close them all at once.
 */
export function closeOnOwnEscape(close: () => void) {
  return {
    closeOnEscape: false,
    onKeyDown: ({ key, nativeEvent, currentTarget, target }: KeyboardEvent<HTMLElement>) => {
      if (key !== "Escape" || nativeEvent.isComposing || !(target instanceof Element)) return;
      // What opened inside lies elsewhere in the page, though its events come by here. A list that is
      // open at a field says so, and closes by itself.
      const isOwn = currentTarget.contains(target);
      if (isOwn && target.getAttribute("data-mantine-stop-propagation") !== "true") close();
    },
  };
}
