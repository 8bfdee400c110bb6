import { useLayoutEffect, useRef } from "react";

/** When older rows come in above, what one was looking at stays where it was. */
export function usePlaceKept(
  scrollRef: React.RefObject<HTMLDivElement | null>,
  rows: readonly { key: string }[],
): void {
  const before = useRef<{
    lastKey: string | undefined;
    firstKey: string | undefined;
    height: number;
  }>({
    lastKey: undefined,
    firstKey: undefined,
    height: 0,
  });
  const firstKey = rows[0]?.key;
  const lastKey = rows.at(-1)?.key;
  useLayoutEffect(() => {
    const element = scrollRef.current;
    if (!element) return;
    const { current: last } = before;
    // Another list altogether begins and ends elsewhere.
    const isGrown = last.firstKey !== firstKey && last.lastKey === lastKey;
    if (isGrown) element.scrollTop += element.scrollHeight - last.height;
    before.current = { firstKey, lastKey, height: element.scrollHeight };
  });
}
