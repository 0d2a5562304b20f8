import { formatRate, type KeyReport, limitUrl, sayTime, withLimiter } from '../../src/blocks/limit/index.js';
import { type Column, countFlag, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

/** Beyond it a list is no answer; and a server has to make it. */
const MOST = 10_000;

export default class LimitTop extends DsCommand {
  static override summary = 'list the busiest keys';
  static override description =
    `Those with the most checks since they were first seen, or reset, or came back to a fresh state and were forgotten.

Pipes get scope, key, allowed, limited, left, of how many, algorithm, rate and the time of the last check, between tabs;
--json {"keys": [...]}.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Who asks most?',
      command: '<%= config.bin %> limit check api:ada --rate 100/min -n 3\n<%= config.bin %> <%= command.id %>',
    },
    {
      description: 'The busiest three that were limited at least once',
      command: "<%= config.bin %> <%= command.id %> -n 1000 | awk -F'\\t' '$4 > 0 && n++ < 3 {print $2, $4}'",
    },
    { description: 'For a program', command: '<%= config.bin %> <%= command.id %> -n 3 --json' },
  ];
  static override flags = {
    ...targetFlags('limit'),
    count: countFlag({ char: 'n', default: 10, max: MOST, description: 'how many keys' }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(LimitTop);
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    const keys = await withLimiter(target, this.context, (limiter) => limiter.top(flags.count));
    this.out.document({ keys: keys.map(toRecord) }, () => {
      if (keys.length === 0) return this.out.note('nothing is counted here; try: ds limit check deploys --rate 5/h');
      const scoped = keys.some(({ scope }) => scope !== '');
      this.out.table(columns(this.context.clock.now(), this.out.isTerminal, scoped), keys);
    });
  }
}

function toRecord({ scope, key, limit, decision, allowedTotal, limitedTotal, lastAt }: KeyReport) {
  return {
    scope,
    key,
    allowed: allowedTotal,
    limited: limitedTotal,
    remaining: decision.remaining,
    limit: decision.limit,
    algorithm: limit.algorithm,
    rate: formatRate(limit),
    reset_after_ms: decision.resetAfterUs / 1000,
    last_at: isoTime(lastAt / 1000),
  };
}

const grouped = (count: number) => count.toLocaleString('en-US');

/** On a terminal without the scope, where there is only ''. */
function columns(now: number, onTerminal: boolean, scoped: boolean): Column<KeyReport>[] {
  const all: Column<KeyReport>[] = [
    { header: 'scope', value: ({ scope }) => scope },
    { header: 'key', value: ({ key }) => key },
    { header: 'allowed', value: ({ allowedTotal }) => allowedTotal, display: (row) => grouped(row.allowedTotal) },
    {
      header: 'limited',
      value: ({ limitedTotal }) => limitedTotal,
      display: (row) => grouped(row.limitedTotal),
      color: ({ limitedTotal }) => (limitedTotal > 0 ? 'yellow' : undefined),
    },
    { header: 'left', value: ({ decision }) => decision.remaining, display: (row) => grouped(row.decision.remaining) },
    { header: 'of', value: ({ decision }) => decision.limit, display: (row) => grouped(row.decision.limit) },
    { header: 'algorithm', value: ({ limit }) => limit.algorithm, optional: true },
    { header: 'rate', value: ({ limit }) => formatRate(limit) },
    {
      header: 'last',
      value: ({ lastAt }) => isoTime(lastAt / 1000),
      display: ({ lastAt }) => relativeTime(Math.floor(lastAt / 1000), now),
    },
  ];
  const fresh: Column<KeyReport> = {
    header: 'all back in',
    value: ({ decision }) => decision.resetAfterUs,
    display: ({ decision }) => (decision.resetAfterUs === 0 ? 'as new' : sayTime(decision.resetAfterUs)),
    align: 'right',
    optional: true,
  };
  if (!onTerminal) return all;
  return [...(scoped ? all : all.slice(1)), fresh];
}
