/** Entries of a request that are not taken, counted by reason; the others of it are. */

export type RefusalReason =
  | 'line_too_long'
  | 'too_many_labels'
  | 'label_name_too_long'
  | 'label_value_too_long'
  | 'labels_too_large'
  | 'missing_labels'
  | 'too_much_metadata'
  | 'bad_timestamp'
  | 'too_old'
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

  /** `2 of 10 entries were refused, the others are stored: a line has …`; the first reason stands for all. */
  describe(accepted: number): string {
    if (accepted === 0) return this.describeWhole();
    const verb = this.total === 1 ? 'was' : 'were';
    return `${this.total} of ${this.total + accepted} entries ${verb} refused, the others are stored: ${this.first ?? ''}`;
  }

  /** Where nothing is stored: `2 entries were refused, nothing is stored: a line has …`. */
  describeWhole(): string {
    const subject = this.total === 1 ? '1 entry was' : `${this.total} entries were`;
    return `${subject} refused, nothing is stored: ${this.first ?? ''}`;
  }
}
