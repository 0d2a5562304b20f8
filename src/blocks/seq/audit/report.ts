/** What an audit found. Counts are exact; examples are the first few. */
import type { TextFormat } from '../encoding/parse.js';

export interface DuplicateExample {
  readonly id: string;
  /** Line of its first appearance, counted from 1. */
  readonly firstLine: number;
  readonly line: number;
  readonly worker?: number;
}

export interface InversionExample {
  readonly line: number;
  readonly id: string;
  /** The ID on the line before, which is higher. */
  readonly previous: string;
  readonly worker?: number;
}

export interface ClockJump {
  readonly line: number;
  /** Absent for layouts without worker numbers. */
  readonly worker?: number;
  /** Time of the worker's previous ID and of this one, in milliseconds since the Unix epoch. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface WorkerAudit {
  readonly worker: number;
  readonly ids: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** IDs below the one this worker made before. */
  readonly inversions: number;
  readonly jumpsBack: number;
  readonly jumpsForward: number;
  /** The farthest that its time went back, in milliseconds. */
  readonly farthestBackMs: number;
}

export interface AuditReport {
  readonly layout: string;
  readonly format: TextFormat;
  /** False when the layout was guessed from the first lines. */
  readonly layoutGiven: boolean;
  readonly ids: number;
  readonly badLines: { readonly count: number; readonly examples: readonly { line: number; text: string }[] };
  /** Earliest and latest time in any ID; absent without IDs. */
  readonly firstMs?: number;
  readonly lastMs?: number;
  /** Appearances of an ID after its first. */
  readonly duplicates: { readonly count: number; readonly examples: readonly DuplicateExample[] };
  /**
   * `count`: IDs below the line before. `sameWorker`: IDs below the previous one of their worker; merged files have
   * many of the first kind, a sound generator none of the second.
   */
  readonly inversions: {
    readonly count: number;
    readonly sameWorker: number;
    readonly examples: readonly InversionExample[];
  };
  /** A worker's time going back, or forward by `jumpMs` or more. */
  readonly clockJumps: { readonly back: number; readonly forward: number; readonly examples: readonly ClockJump[] };
  /** By number of IDs, the busiest first, for layouts with worker numbers; at most as many as are tracked. */
  readonly workers: readonly WorkerAudit[];
  /** IDs of workers beyond the tracked ones: checked for duplicates only. */
  readonly untrackedIds: number;
}
