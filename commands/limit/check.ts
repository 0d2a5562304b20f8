import {
  algorithmNames,
  answerFields,
  answerRecord,
  answersOf,
  type Demand,
  limitUrl,
  MOST_COST,
  type Outcome,
  type RateLimiter,
  readLimit,
  sayAnswer,
  sayTime,
  takeWhenAllowed,
  withLimiter,
} from '../../src/blocks/limit/index.js';
import {
  Args,
  countFlag,
  DsCommand,
  durationFlag,
  Flags,
  resolveTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { LateSpinner } from '../../src/platform/cli/late-spinner.js';

export default class LimitCheck extends DsCommand {
  static override summary = 'ask whether a key may go on, and count it if so';
  static override description =
    `The exit code is the answer, so that a shell script can be limited as flock locks it. Every process that names the same key
shares the limit; what was allowed is on disk before this says so.

Algorithms: gcra (the default) and token-bucket let --burst through at once and give back one after another; fixed-window,
anchored-window, sliding-window and sliding-log count what was let through in a window; leaky-bucket gives each caller its
turn, and says how long that is to be waited for; concurrency lets so many in at once, each for at most the period, and
prints a lease that "ds limit refund --lease" gives back.

--wait blocks until it is allowed, and waits out a leaky bucket's delay. Who comes first after a slot has opened gets it;
in the order of coming only with leaky-bucket. With --timeout it answers at once when the time cannot suffice.

Pipes get allowed, limited or blocked, how many are left, of how many, and in seconds: retry after (inf: never), all given
back after, delay; then the lease, all between tabs. With -n one line each; --json one object each, retry_after_ms null
for never.

Exit codes: 0 allowed; 1 limited (with -n: one of them was); 2 bad input; 3 the server could not be reached; 4 the store
failed; 130 interrupted.`;
  static override examples = [
    {
      description: 'May I deploy? At most five times an hour',
      command: '<%= config.bin %> <%= command.id %> deploys --rate 5/h',
    },
    {
      description: 'In a script',
      command: 'if <%= config.bin %> <%= command.id %> mails --rate 100/d > /dev/null; then echo send it; fi',
    },
    {
      description: 'Three calls, the third as soon as the limit allows it',
      command: '<%= config.bin %> <%= command.id %> api --rate 2/s -n 3 --wait --timeout 10s',
    },
    {
      description: 'In turns, half a second apart',
      command: '<%= config.bin %> <%= command.id %> printer --rate 2/s --algorithm leaky-bucket -n 2 --wait',
    },
    {
      description: 'Counted in a Redis that many machines share',
      command: '<%= config.bin %> <%= command.id %> api --rate 100/s --url redis://127.0.0.1:6379',
    },
  ];
  static override args = { key: Args.string({ required: true, description: 'what is limited: a name, an address' }) };
  static override flags = {
    ...targetFlags('limit'),
    rate: Flags.string({
      required: true,
      helpValue: 'RATE',
      description: 'how many in what time: 100/s 5/min 20/250ms',
    }),
    burst: countFlag({ max: MOST_COST, description: 'how many at once from idle (default: the count of the rate)' }),
    algorithm: Flags.option({
      char: 'a',
      options: algorithmNames,
      default: 'gcra',
      description: 'how it is counted',
    })(),
    cost: countFlag({ min: 0, max: MOST_COST, default: 1, description: 'how many this one counts for' }),
    count: countFlag({ char: 'n', default: 1, description: 'check so many times' }),
    wait: Flags.boolean({ char: 'w', description: 'wait until it is allowed' }),
    timeout: durationFlag({ dependsOn: ['wait'], description: 'longest wait for each (default: as long as it takes)' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(LimitCheck);
    const demand = { scope: '', key: args.key, limit: readLimit(flags), cost: flags.cost };
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    const ask = flags.wait ? this.waiting(flags.timeout ?? Number.POSITIVE_INFINITY) : askOnce;
    let limited = 0;
    await withLimiter(
      target,
      this.context,
      async (limiter) => {
        for (let left = flags.count; left > 0; left--) {
          const outcome = await ask(limiter, demand);
          if (!outcome.allowed) limited++;
          this.show(demand, outcome);
        }
      },
      { oneShot: true, onNotice: (text) => this.out.warn(text) },
    );
    return limited === 0 ? 0 : 1;
  }

  private waiting(timeoutMs: number) {
    const { clock, random, signal } = this.context;
    const spinner = new LateSpinner(this.out);
    const onWait = (us: number) => spinner.show(`waiting, ${sayTime(us)} yet`);
    return (limiter: RateLimiter, demand: Demand) =>
      takeWhenAllowed(limiter, demand, { clock, random, signal, timeoutMs, onWait }).finally(() => spinner.stop());
  }

  private show(demand: Demand, outcome: Outcome): void {
    for (const answer of answersOf(outcome, [demand])) {
      const { key, cost } = demand;
      if (this.out.json) this.out.item({ key, cost, ...answerRecord(answer) }, '');
      else if (!this.out.isTerminal) this.out.line(answerFields(answer));
      else this.out.styled([answer.state === 'allowed' ? 'green' : 'red', answer.state], `  ${sayAnswer(answer)}`);
    }
  }
}

const askOnce = (limiter: RateLimiter, demand: Demand): Promise<Outcome> => limiter.check([demand]);
