/** What transfers count, both ways; metrics.ts gives it to whoever scrapes. Refusals are counted with all responses. */
export type Form = 'whole' | 'incremental' | 'current';

export class TransferCounts {
  /** Transfers over streams that were sent to their end. */
  readonly sent: Record<Form, number> = { whole: 0, incremental: 0, current: 0 };
  /** Transfers that ended before their end: the peer hung up, or was too slow. */
  unfinished = 0;
  /** Checks of zones that are followed, by what they brought. */
  readonly received: Record<Form, number> = { whole: 0, incremental: 0, current: 0 };
  /** Checks that failed. */
  failed = 0;
  /** NOTIFY, by what came of it. */
  readonly notifies = { sent: 0, unanswered: 0, received: 0, refused: 0 };
}
