import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { bringToMiddle } from "./bring-to-middle.ts";

/** So near to the end, in CSS pixels, counts as being there. */
const NEAR = 48;

/**
 * Keeps the end of a list in sight while it grows, unless the person has scrolled away from it.
 * `onScroll` is for the scrolling element, and comes before whatever else scrolling does there.
 * `hasEnd`: what the list shows last is the last there is.
 */
export function useStickToEnd(hasEnd = true) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(true);
  const sticks = useRef(true);

  const toEnd = useCallback(() => {
    const element = scrollRef.current;
    sticks.current = true;
    setNear(true);
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  /** Lets the list be shown elsewhere than at its end. */
  const release = useCallback(() => {
    sticks.current = false;
    setNear(false);
  }, []);

  const onScroll = useCallback(() => {
    const element = scrollRef.current;
    if (!element) return;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    sticks.current = near && hasEnd;
    setNear(near);
  }, [hasEnd]);

  /** Shows a line in the middle. Only where the end is in sight with it, it stays there. */
  const show = useCallback(
    (line: HTMLElement) => {
      // A list that has just come back was at its end, and would go there again.
      release();
      bringToMiddle(line);
      // There is no event of scrolling where there is nothing to scroll.
      onScroll();
    },
    [release, onScroll],
  );

  // After every rendering: whatever made the list grow, its end stays in sight.
  useLayoutEffect(() => {
    if (sticks.current) toEnd();
  });

  useEffect(() => {
    const element = scrollRef.current;
    if (!element) return undefined;
    // A keyboard on a phone, a turned screen, a picture: the end stays where it was.
    const sizes = new ResizeObserver(() => {
      if (sticks.current) toEnd();
    });
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [toEnd]);

  return { scrollRef, onScroll, isAtEnd: isNear && hasEnd, toEnd, release, show };
}
