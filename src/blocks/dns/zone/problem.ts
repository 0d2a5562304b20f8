/** What is wrong with a zone, and how much. */
import type { Name } from '../name.js';

export interface ZoneProblem {
  /** A zone with an error is not served; a warning is for the one who keeps the zone. */
  readonly severity: 'error' | 'warning';
  /** Stable: `soa_missing`, `cname_and_other_data`. */
  readonly code: string;
  /** The owner it is about. */
  readonly name: Name;
  /** Lower case, names the owner, without a full stop. */
  readonly message: string;
  /** Where in a zone file, when it came from one. */
  readonly file?: string;
  readonly line?: number;
}
