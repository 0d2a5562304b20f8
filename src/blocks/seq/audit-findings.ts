/** An audit's examples as one list, in the order of the lines. */
import type { AuditReport } from './audit/index.js';

export interface Finding {
  readonly what: 'duplicate' | 'inversion' | 'jump_back' | 'jump_forward' | 'bad_line';
  readonly line: number;
  /** The ID, or the text that is none; absent for jumps. */
  readonly text?: string;
  readonly worker?: number;
  /** What it is held against: the first line of a duplicate, the higher ID before, how far a clock jumped in ms. */
  readonly against?: string | number;
}

export function findingsOf(report: AuditReport): Finding[] {
  const findings: Finding[] = [
    ...report.duplicates.examples.map(({ id, firstLine, line, ...worker }) => {
      return { what: 'duplicate' as const, line, text: id, against: firstLine, ...worker };
    }),
    ...report.inversions.examples.map(({ id, previous, line, ...worker }) => {
      return { what: 'inversion' as const, line, text: id, against: previous, ...worker };
    }),
    ...report.clockJumps.examples.map(({ fromMs, toMs, line, ...worker }) => {
      const what = toMs < fromMs ? ('jump_back' as const) : ('jump_forward' as const);
      return { what, line, against: toMs - fromMs, ...worker };
    }),
    ...report.badLines.examples.map(({ line, text }) => ({ what: 'bad_line' as const, line, text })),
  ];
  return findings.sort((a, b) => a.line - b.line);
}

/** No ID came twice, and no worker's IDs fell. */
export function isSound(report: AuditReport): boolean {
  return report.duplicates.count + report.inversions.sameWorker === 0;
}
