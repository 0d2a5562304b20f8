import {
  algorithmNames,
  answerFields,
  answerRecord,
  answersOf,
  countedKeys,
  type Demand,
  limitUrl,
  MOST_COST,
  type Outcome,
  readLimit,
  sayAnswer,
  withLimiter,
} from '../../src/blocks/limit/index.js';
import { Args, countFlag, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class LimitPeek extends DsCommand {
  static override summary = 'see whether a key might go on, without counting it';
  static override description =
    `What "ds limit check" would answer now. Without --rate the limits are those that the key was last counted by, one in each
scope: '' where it was just named, <policy>/<limit> where a daemon's policy counts it.

Pipes get scope, then as "ds limit check": state, left, of how many, seconds until a retry, until all is given back, of delay;
--json one object a line.

Exit codes: 0 it would be allowed, in every scope; 1 it would be limited; 2 bad input, or --rate is needed since nothing is
counted for this key; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'What is left after a check?',
      command: '<%= config.bin %> limit check deploys --rate 5/h\n<%= config.bin %> <%= command.id %> deploys',
    },
    { description: 'Would three at once pass?', command: '<%= config.bin %> <%= command.id %> deploys --cost 3' },
    { description: 'By another limit', command: '<%= config.bin %> <%= command.id %> deploys --rate 10/d --json' },
  ];
  static override args = { key: Args.string({ required: true, description: 'what is limited' }) };
  static override flags = {
    ...targetFlags('limit'),
    rate: Flags.string({ helpValue: 'RATE', description: 'how many in what time (default: as it was last counted)' }),
    burst: countFlag({ max: MOST_COST, dependsOn: ['rate'], description: 'how many at once from idle' }),
    algorithm: Flags.option({
      char: 'a',
      options: algorithmNames,
      dependsOn: ['rate'],
      description: 'how it is counted (default: gcra)',
    })(),
    cost: countFlag({ min: 0, max: MOST_COST, default: 1, description: 'how many it would count for' }),
    scope: Flags.string({ description: 'only this scope: <policy>/<limit>' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(LimitPeek);
    const { rate, burst, algorithm, scope, cost } = flags;
    const limit = rate === undefined ? undefined : readLimit({ rate, burst, algorithm });
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    return withLimiter(
      target,
      this.context,
      async (limiter) => {
        let allowed = true;
        for (const counted of await countedKeys(limiter, args.key, { limit, scope })) {
          const demand = { ...counted, cost };
          const outcome = await limiter.peek([demand]);
          allowed &&= outcome.allowed;
          this.show(demand, outcome);
        }
        return allowed ? 0 : 1;
      },
      { oneShot: true },
    );
  }

  private show(demand: Demand, outcome: Outcome): void {
    const { scope, key, cost } = demand;
    for (const answer of answersOf(outcome, [demand])) {
      if (this.out.json) this.out.item({ scope, key, cost, ...answerRecord(answer) }, '');
      else if (!this.out.isTerminal) this.out.line(`${scope}\t${answerFields(answer)}`);
      else {
        const where = scope === '' ? '' : `${scope}  `;
        this.out.styled(where, [answer.state === 'allowed' ? 'green' : 'red', answer.state], `  ${sayAnswer(answer)}`);
      }
    }
  }
}
