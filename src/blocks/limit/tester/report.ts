/** What a test of an endpoint has found, seen and spent. */
import type { Limit } from '../limit.js';
import type { DeclaredLimit } from './declared.js';
import type { Discovery } from './finding.js';
import type { ScopeFinding } from './scope.js';

/** One request, for the plot: seconds since the first one, milliseconds it took. */
interface RunPoint {
  readonly atS: number;
  readonly latencyMs: number;
  readonly accepted: boolean;
}

export interface TestReport extends Discovery {
  readonly url: string;
  /** The finding as a limit of ours. */
  readonly limitOfOurs?: Limit;
  readonly declared?: DeclaredLimit;
  /** What is declared is what was found; absent where one of them is missing. */
  readonly agrees?: boolean;
  /** How often it was refused, by how: `429`, `connection dropped`. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly scope: readonly ScopeFinding[];
  readonly requests: number;
  readonly bytes: number;
  readonly durationMs: number;
  /** How late this machine's timers were, one in ten of them: milliseconds. */
  readonly jitterMs: number;
  readonly notes: readonly string[];
  readonly run: readonly RunPoint[];
}
