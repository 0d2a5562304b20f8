export interface WaitOptions {
  /** Milliseconds until the wait is given up with an error. Default 5000. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks. Default 5. */
  readonly intervalMs?: number;
  /** What is waited for, for the error message. */
  readonly what?: string;
}

type Falsy = false | null | undefined | 0 | '';

/**
 * Polls until `condition` returns something truthy, and returns that. A condition that throws counts as not yet true;
 * its last error becomes the cause when time runs out.
 */
export async function waitFor<T>(
  condition: () => T | Falsy | Promise<T | Falsy>,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = 5000, intervalMs = 5, what = 'the condition' } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: lastError });
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
