/** What one `ds log ship` is to do: read from flags (commands/log/ship.ts) or from ds.yaml (plan-config.ts). */
import type { Labels } from '../labels.js';
import type { MultilineRule } from './framing/multiline.js';
import type { WhenFull } from './pipeline/buffered-pipeline.js';

export interface ShipPlan {
  /** In front of the names of its pipelines; absent: a pipeline is called what its sink is called. */
  readonly name?: string | undefined;
  /** Paths and patterns, `-`, `docker:PATTERN`, `syslog+udp://HOST:PORT`. */
  readonly sources: readonly string[];
  /** Its output is a source, too; empty: none. */
  readonly command: readonly string[];
  readonly restart: boolean;
  /** sinks/sink-text.ts */
  readonly sinks: readonly string[];
  /** transform/index.ts: texts, or mappings of ds.yaml. */
  readonly transforms: readonly unknown[];
  readonly labels: Labels;
  readonly timezone?: string | undefined;
  readonly multiline?: MultilineRule | undefined;
  /** Where files begin that are there at the first look. */
  readonly from: 'start' | 'end';
  /** Also what was rotated before the first look. */
  readonly rotated: boolean;
  /** Read what is there, deliver it, and end. */
  readonly once: boolean;
  /** First send again what the sinks have refused before. */
  readonly deadLetters: boolean;
  /** With `once`, and at the end of stdin and commands: how long sinks may take for what is left, milliseconds. */
  readonly drainMs: number;
  readonly lingerMs: number;
  readonly bufferBytes: number;
  readonly whenFull: WhenFull;
  /** Of one attempt to send, milliseconds. */
  readonly timeoutMs: number;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Other machines may send syslog. */
  readonly insecure: boolean;
}

/** What holds where nothing else is said. */
export const PLAN_DEFAULTS = {
  drainMs: 60_000,
  lingerMs: 1_000,
  bufferBytes: 256 * 1024 * 1024,
  whenFull: 'block',
  timeoutMs: 30_000,
} as const;
