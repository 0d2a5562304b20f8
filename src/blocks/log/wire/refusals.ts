/** Entries of a request that are not taken, counted by reason; the others of it are. */

export type RefusalReason =
  | 'line_too_long'
  | 'too_many_labels'
  | 'label_name_too_long'
  | 'label_value_too_long'
  | 'missing_labels'
  | 'too_much_metadata'
  | 'bad_timestamp'
  | 'bad_entry'
  | 'too_many_streams'
  | 'rate_limited'
  | 'overloaded';

export class Refusals {
  readonly byReason = new Map<RefusalReason, number>();
  /** What was wrong with the first one, for people. */
  first: string | undefined;
  /** And with the last one. */
  last = '';
  total = 0;

  add(reason: RefusalReason, message: string, count = 1): void {
    if (count === 0) return;
    this.first ??= message;
    this.last = message;
    this.total += count;
    this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + count);
  }

  /** `2 of 10 entries were refused: a line has …`; the first reason stands for all. */
  describe(accepted: number): string {
    const all = this.total + accepted;
    const verb = this.total === 1 ? 'was' : 'were';
    return `${this.total} of ${all} ${all === 1 ? 'entry' : 'entries'} ${verb} refused, the others are stored: ${this.first ?? ''}`;
  }
}
