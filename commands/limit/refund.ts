import {
  algorithmNames,
  countedKeys,
  type Decision,
  limitUrl,
  MOST_COST,
  readLimit,
  sayTime,
  withLimiter,
} from '../../src/blocks/limit/index.js';
import { Args, countFlag, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class LimitRefund extends DsCommand {
  static override summary = 'give back what a check has taken';
  static override description =
    `For what was let in and then not done. At most to a fresh state. Of a concurrency limit the place is given back whose lease is
named; one that has run out, or is not known, changes nothing.

Without --rate the limit is the one that the key was last counted by, in every scope, or in --scope.

Pipes get scope, how many are left, of how many, and the seconds until all is given back, between tabs; --json one object a
line.

Exit codes: 0 done; 2 bad input, or --rate is needed since nothing is counted for this key; 3 the server could not be
reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'The deploy did not take place',
      command: '<%= config.bin %> limit check deploys --rate 5/h\n<%= config.bin %> <%= command.id %> deploys',
    },
    {
      description: 'Three that were taken at once',
      command:
        '<%= config.bin %> limit check mails --rate 100/d --cost 3\n<%= config.bin %> <%= command.id %> mails --cost 3',
    },
    {
      description: 'A place of a semaphore',
      command: `LEASE=$(<%= config.bin %> limit check builds --rate 2/10min -a concurrency | cut -f7)
<%= config.bin %> <%= command.id %> builds --lease $LEASE`,
    },
  ];
  static override args = { key: Args.string({ required: true, description: 'what is limited' }) };
  static override flags = {
    ...targetFlags('limit'),
    cost: countFlag({ max: MOST_COST, default: 1, description: 'how many to give back' }),
    lease: countFlag({ description: 'of a concurrency limit: what check printed' }),
    scope: Flags.string({ description: 'only this scope: <policy>/<limit>' }),
    rate: Flags.string({ helpValue: 'RATE', description: 'of which limit (default: as it was last counted)' }),
    burst: countFlag({ max: MOST_COST, dependsOn: ['rate'], description: 'how many at once from idle' }),
    algorithm: Flags.option({
      char: 'a',
      options: algorithmNames,
      dependsOn: ['rate'],
      description: 'how it is counted (default: gcra)',
    })(),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(LimitRefund);
    const { rate, burst, algorithm, scope, cost } = flags;
    const limit = rate === undefined ? undefined : readLimit({ rate, burst, algorithm });
    const lease = flags.lease === undefined ? {} : { lease: flags.lease };
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    await withLimiter(
      target,
      this.context,
      async (limiter) => {
        for (const counted of await countedKeys(limiter, args.key, { limit, scope })) {
          this.show(counted.scope, args.key, await limiter.refund({ ...counted, cost, ...lease }));
        }
      },
      { oneShot: true },
    );
  }

  private show(scope: string, key: string, { remaining, limit, resetAfterUs }: Decision): void {
    const record = { scope, key, limit, remaining, reset_after_ms: resetAfterUs / 1000 };
    const where = scope === '' ? '' : `${scope}  `;
    const rest = resetAfterUs === 0 ? '' : `, all of it in ${sayTime(resetAfterUs)}`;
    const text = this.out.isTerminal
      ? `${where}${remaining} of ${limit} left${rest}`
      : [scope, remaining, limit, resetAfterUs / 1e6].join('\t');
    this.out.item(record, text);
  }
}
