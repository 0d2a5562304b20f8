import {
  type ExplainedKey,
  explainKey,
  formatRate,
  limitUrl,
  type RecordedDecision,
  sayLimit,
  sayState,
  sayTime,
  withLimiter,
} from '../../src/blocks/limit/index.js';
import { Args, type Column, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

type Explained = ExplainedKey['reports'][number];

/** One of the last decisions, and where it was made. */
interface Line extends RecordedDecision {
  readonly report: Explained;
}

export default class LimitWhy extends DsCommand {
  static override summary = 'say what was decided on a key, and what was counted';
  static override description =
    `For each scope in which the key is counted: its limit, what is taken and when the next is let in, how often it was allowed and
limited, and the last decisions, newest first.

Pipes get a line for each of the last decisions: scope, time, allowed or limited, cost, how many were left, between tabs.
--json tells the same as one document.

Exit codes: 0 done; 1 nothing is known of the key; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Why is it limited?',
      command: '<%= config.bin %> limit check deploys --rate 5/min -n 6 || <%= config.bin %> <%= command.id %> deploys',
    },
    {
      description: 'When was it last allowed?',
      command: "<%= config.bin %> <%= command.id %> deploys | awk -F'\\t' '$3 == \"allowed\" && !n++ {print $2}'",
    },
    { description: 'For a program', command: '<%= config.bin %> <%= command.id %> deploys --json' },
  ];
  static override args = { key: Args.string({ required: true, description: 'what is limited' }) };
  static override flags = { ...targetFlags('limit') };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(LimitWhy);
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    const explained = await withLimiter(target, this.context, (limiter) => explainKey(limiter, args.key));
    const nowUs = this.context.clock.micros();
    this.out.document(toRecord(args.key, explained, nowUs), () => this.show(args.key, explained, nowUs));
    return explained.reports.length > 0 || explained.blockedUntilUs !== undefined ? 0 : 1;
  }

  private show(key: string, { reports, blockedUntilUs }: ExplainedKey, nowUs: number): void {
    if (!this.out.isTerminal) {
      for (const report of reports) this.out.table(lineColumns, linesOf(report));
      return;
    }
    if (blockedUntilUs !== undefined) this.out.styled(['red', 'blocked'], `  for ${sayTime(blockedUntilUs - nowUs)}`);
    else if (reports.length === 0) this.out.note(`nothing is known of ${key}: it is as new`);
    for (const report of reports) {
      const { scope, limit, allowedTotal, limitedTotal } = report;
      this.out.styled(['bold', scope === '' ? key : `${scope}  ${key}`], `  ${sayLimit(limit)}`);
      const isLimited = report.nextUs > 0;
      this.out.styled(
        [isLimited ? 'red' : 'green', isLimited ? 'limited' : 'open'],
        `  ${sayState(report, report.nextUs, nowUs)}`,
      );
      this.out.line(`${grouped(allowedTotal)} allowed, ${grouped(limitedTotal)} limited in all`, 'dim');
      this.out.table(tableColumns(nowUs / 1000), linesOf(report));
    }
  }
}

const linesOf = (report: Explained): Line[] => report.recent.map((decision) => ({ ...decision, report }));
const grouped = (count: number) => count.toLocaleString('en-US');
const verdict = ({ allowed }: RecordedDecision) => (allowed ? 'allowed' : 'limited');

const lineColumns: Column<Line>[] = [
  { header: 'scope', value: ({ report }) => report.scope },
  { header: 'time', value: ({ at }) => isoTime(at / 1000) },
  { header: 'decision', value: verdict },
  { header: 'cost', value: ({ cost }) => cost },
  { header: 'left', value: ({ remaining }) => remaining },
];

function tableColumns(now: number): Column<Line>[] {
  return [
    {
      header: 'when',
      value: ({ at }) => isoTime(at / 1000),
      display: ({ at }) => relativeTime(Math.floor(at / 1000), now),
    },
    { header: 'decision', value: verdict, color: ({ allowed }) => (allowed ? 'green' : 'red') },
    { header: 'cost', value: ({ cost }) => cost },
    { header: 'left', value: ({ remaining }) => remaining },
  ];
}

function toRecord(key: string, { reports, blockedUntilUs }: ExplainedKey, nowUs: number) {
  return {
    key,
    ...(blockedUntilUs === undefined ? {} : { blocked_until: isoTime(blockedUntilUs / 1000) }),
    scopes: reports.map((report) => ({
      scope: report.scope,
      algorithm: report.limit.algorithm,
      rate: formatRate(report.limit),
      limit: report.decision.limit,
      remaining: report.decision.remaining,
      next_after_ms: report.nextUs / 1000,
      reset_after_ms: report.decision.resetAfterUs / 1000,
      why: sayState(report, report.nextUs, nowUs),
      allowed: report.allowedTotal,
      limited: report.limitedTotal,
      last_at: isoTime(report.lastAt / 1000),
      recent: report.recent.map(({ at, allowed, cost, remaining }) => ({
        at: isoTime(at / 1000),
        allowed,
        cost,
        remaining,
      })),
    })),
  };
}
