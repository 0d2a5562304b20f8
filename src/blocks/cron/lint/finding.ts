/** What `ds cron lint` found. */

/** `error`: is refused, or never due. `warning`: probably not meant. `note`: good to know. */
type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  /** Stable: `uneven_step`. */
  readonly code: string;
  readonly severity: Severity;
  /** `minute`; absent where it is about the whole. */
  readonly field?: string;
  readonly message: string;
}
