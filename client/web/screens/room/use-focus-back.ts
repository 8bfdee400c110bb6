import { useCallback, useRef } from "react";

/**
 * For a button that gives its place to what it opened. The first is its ref; who calls the second,
 * before the button comes back, has it come back with the focus.
 */
export function useFocusBack() {
  const isExpected = useRef(false);
  const buttonRef = useCallback((button: HTMLElement | null) => {
    if (!button || !isExpected.current) return;
    isExpected.current = false;
    button.focus();
  }, []);
  const expectButton = () => {
    isExpected.current = true;
  };
  return [buttonRef, expectButton] as const;
}
