/** What the server says of its limit, and whether what was found agrees. */
import { type Declarations, readDeclared } from '../ratelimit-fields.js';
import type { Finding } from './finding.js';
import type { Answer } from './refusal.js';

export interface DeclaredLimit {
  readonly limit: number;
  readonly windowMs?: number;
  readonly name: string;
  readonly form: string;
}

export function declaredBy(answer: Answer | undefined): Declarations {
  return answer === undefined ? { limits: [], notes: [] } : readDeclared(answer.headers, answer.answeredAt);
}

/** The one that is met first: the least that is left. */
export function tightest({ limits }: Declarations): DeclaredLimit | undefined {
  const counted = limits.filter(
    (one) => one.limit !== undefined && (one.unit === undefined || one.unit === 'requests'),
  );
  const [first] = counted.sort((a, b) => (a.remaining ?? a.limit ?? 0) - (b.remaining ?? b.limit ?? 0));
  if (first?.limit === undefined) return undefined;
  const { limit, windowMs, name, form } = first;
  return { limit, ...(windowMs === undefined ? {} : { windowMs }), name, form };
}

/** Whether the finding lies within 5 % of what is declared; undefined where they cannot be compared. */
export function agrees(declared: DeclaredLimit, finding: Finding): boolean | undefined {
  const { limit, periodMs, family } = finding;
  if (family === 'concurrency' || finding.unbounded === true) return undefined;
  if (!near(declared.limit, limit.value)) return false;
  if (declared.windowMs === undefined || periodMs === undefined) return true;
  const window = family === 'bucket' || family === 'queue' ? periodMs.value * limit.value : periodMs.value;
  return near(declared.windowMs, window);
}

const near = (a: number, b: number) => Math.abs(a - b) <= 0.05 * a + 1e-9;
