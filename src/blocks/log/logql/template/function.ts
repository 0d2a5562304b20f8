import type { Value } from './value.js';

export interface FunctionContext {
  readonly line: string;
  /** Nanoseconds since the Unix epoch. */
  readonly timestamp: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

export interface TemplateFunction {
  readonly least: number;
  /** Arguments at most; absent: no bound. */
  readonly most?: number;
  call(values: readonly Value[], context: FunctionContext): Value;
}
