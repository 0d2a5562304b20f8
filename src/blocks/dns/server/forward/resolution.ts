/** What the forwarder says to a question. */
import type { ExtendedError } from '../../edns-options.js';
import type { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';

export interface ResolveOptions {
  /** CD: upstream is not to check signatures. */
  readonly checkingDisabled: boolean;
  /** DO: with signatures and proofs. */
  readonly dnssecOk: boolean;
  /** Ends the wait, not the query: its answer is for others, too. */
  readonly signal?: AbortSignal;
}

export interface Resolution {
  readonly rcode: number;
  /** TTLs are counted down already. */
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /** Since upstream gave it; 0 for what has just come. */
  readonly ageSeconds: number;
  readonly stale: boolean;
  readonly source: 'cache' | 'upstream';
  /** Who answered, as {@link NameServer.shown}; undefined where nobody did. */
  readonly upstream?: string;
  /** Texts are from outside, with whatever they hold. */
  readonly extendedErrors: readonly ExtendedError[];
  /**
   * Wall clock, milliseconds: so long may the same be given again with TTLs counted down from these; not after now for what must
   * not be given again. It ends before the answer does while a question may still make it be asked for anew, so that one comes
   * here. Take the difference to now at once: the wall clock steps.
   */
  readonly expiresAt: number;
  /** In order, for `ds dns why`. Texts are made when they are read. */
  readonly why: readonly ForwardStep[];
}

export type ForwardStepKind = 'cached' | 'nxdomain-cut' | 'stale' | 'asked' | 'failed' | 'cached-failure' | 'refused';

export interface ForwardStep {
  readonly kind: ForwardStepKind;
  readonly name: Name;
  /** One sentence without a period. */
  readonly text: string;
}
