import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** So near to the end, in CSS pixels, counts as being there. */
const NEAR = 48;

/**
 * Keeps the end of a list in sight while it grows, unless the person has scrolled away from it.
 * `onScroll` is for the scrolling element, and comes before whatever else scrolling does there.
 */
export function useStickToEnd() {
  const scrollRef = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);

  const toEnd = useCallback(() => {
    const element = scrollRef.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const element = scrollRef.current;
    if (!element) return;
    sticks.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    setAtEnd(sticks.current);
  }, []);

  // After every rendering: whatever made the list grow, its end stays in sight.
  useLayoutEffect(() => {
    if (sticks.current) toEnd();
  });

  useEffect(() => {
    const element = scrollRef.current;
    if (!element) return undefined;
    // A keyboard on a phone, a turned screen: the end stays where it was.
    const sizes = new ResizeObserver(() => {
      if (sticks.current) toEnd();
    });
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [toEnd]);

  return { scrollRef, onScroll, isAtEnd, toEnd };
}
