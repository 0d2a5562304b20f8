/**
 * Time and randomness as engines receive them. Nothing else in `src` reads a clock or a source of randomness, so that
 * tests can step time in any direction.
 */
export interface Clock {
  /** Wall-clock time in whole milliseconds since the Unix epoch. May step in either direction. */
  now(): number;
  /** The same in whole microseconds, for what counts faster than a thousand a second. May step in either direction. */
  micros(): number;
  /** Milliseconds, with a fraction, on a clock that never steps. Only differences mean anything. */
  monotonic(): number;
  /** Resolves after at least `ms` milliseconds of wall-clock running time; rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Cryptographically strong random bytes. */
  bytes(length: number): Uint8Array;
}

/** setTimeout takes at most 2^31 - 1 ms; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How long the wall clock is carried on by the monotonic one before it is read again, milliseconds. */
const CARRY_MS = 10;
/** A wall clock that differs by more from what was carried on has been stepped, milliseconds; less is its granularity. */
const STEP_MS = 2;

/**
 * Date.now() has milliseconds only. Carried on by performance.now() it has microseconds, and a reading costs one call
 * instead of two: 80 ns instead of 165 on the machine of the benchmarks, where a decision of the limiter takes 200.
 */
function carriedClock(): () => number {
  let wallMs = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const running = performance.now();
    if (running - readAt > CARRY_MS) {
      const wall = Date.now();
      const carried = wallMs + (running - readAt);
      wallMs = Math.abs(wall - carried) > STEP_MS ? wall : carried;
      readAt = running;
    }
    return Math.floor((wallMs + (running - readAt)) * 1000);
  };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  micros: carriedClock(),
  // As performance.now(), which would load node:perf_hooks: 3 ms of every start.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  async sleep(ms, signal) {
    for (let left = ms; ; left -= LONGEST_TIMER_MS) {
      await sleepOnce(Math.min(left, LONGEST_TIMER_MS), signal);
      if (left <= LONGEST_TIMER_MS) return;
    }
  },
};

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** node:crypto is loaded at the first use: it takes 4 ms, and most commands need no randomness. */
export const systemRandom: Random = { bytes: (length) => process.getBuiltinModule('node:crypto').randomBytes(length) };

/** A number from 0 to below 1, of 32 random bits. */
export function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** 32;
}
