import { useCallback, useRef } from "react";

/** For a button that gives its place to what it opened: `expect` it, and it comes back with the focus. */
export function useFocusBack() {
  const isExpected = useRef(false);
  const ref = useCallback((button: HTMLElement | null) => {
    if (!button || !isExpected.current) return;
    isExpected.current = false;
    button.focus();
  }, []);
  const expect = () => {
    isExpected.current = true;
  };
  return { ref, expect };
}
