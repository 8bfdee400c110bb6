/**
 * For a test in which browsers speak and listen. Sound doesn't wait: what a machine leaves out that
 * stalls for a moment is gone, and the test is held once more. What is wrong is wrong again.
 */
export const realTime = { timeout: 120_000, retry: 1 } as const;
