import {
  algorithmNames,
  answerRecord,
  answersOf,
  type Demand,
  type LimiterTarget,
  limitUrl,
  MOST_COST,
  type Outcome,
  type RefundDemand,
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
  quoteForShell,
  resolveTarget,
  splitAtDashes,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { LateSpinner } from '../../src/platform/cli/late-spinner.js';
import { runProgram } from '../../src/platform/cli/run-program.js';

export default class LimitRun extends DsCommand {
  static override strict = false;
  static override summary = 'run a command when a limit allows it';
  static override description =
    `Waits until the key may go on, then runs what stands after -- with this command's own input, output and exit code. SIGINT,
SIGTERM, SIGHUP, SIGQUIT, SIGUSR2 and SIGCONT are passed on; what Ctrl-C sends reaches it from the terminal itself.

With --algorithm concurrency it is a semaphore: so many run at once, on all machines that share the store. The place is
given back when the command ends, and by itself after the period of the rate, even if the command still runs: choose a
period that it does not reach. The other algorithms limit how often it is started.

A command that could not be started counts nothing.

Exit codes: the command's own, and 128 + N when signal N ended it; 127 there is no such command; 126 it cannot be
executed; 1 limited, with --no-wait or --timeout (--conflict-exit-code chooses another); 2 bad input; 3 the server could
not be reached; 4 the store failed; 130 interrupted while waiting.`;
  static override examples = [
    {
      description: 'At most one report a minute; one that comes too early waits',
      command: '<%= config.bin %> <%= command.id %> report --rate 1/min -- echo report',
    },
    {
      description: 'Two at once of all that are started, for at most ten minutes each',
      command:
        'for i in 1 2 3; do <%= config.bin %> <%= command.id %> builds --rate 2/10min -a concurrency -- sleep 0.2 & done; wait',
    },
    {
      description: 'Not now? Then not at all',
      command:
        '<%= config.bin %> <%= command.id %> sync --rate 1/h --no-wait -E 75 -- true\n<%= config.bin %> <%= command.id %> sync --rate 1/h --no-wait -E 75 --quiet -- true || [ $? = 75 ]',
    },
  ];
  static override args = {
    key: Args.string({ required: true, description: 'what is limited; -- and the command follow' }),
  };
  static override flags = {
    ...targetFlags('limit'),
    rate: Flags.string({
      required: true,
      helpValue: 'RATE',
      description: 'how many in what time: 100/s 5/min 2/10min',
    }),
    burst: countFlag({ max: MOST_COST, description: 'how many at once from idle (default: the count of the rate)' }),
    algorithm: Flags.option({
      char: 'a',
      options: algorithmNames,
      default: 'gcra',
      description: 'how it is counted',
    })(),
    cost: countFlag({ max: MOST_COST, default: 1, description: 'how many this one counts for' }),
    'no-wait': Flags.boolean({ description: 'give up at once when it is limited', exclusive: ['timeout'] }),
    timeout: durationFlag({ description: 'longest wait (default: as long as it takes)' }),
    'conflict-exit-code': countFlag({ char: 'E', min: 0, max: 255, default: 1, description: 'exit code when limited' }),
  };

  protected async execute(): Promise<number> {
    const { own, behind } = splitAtDashes(this.argv);
    const [program, ...rest] = behind;
    const { args, argv, flags } = await this.parse(LimitRun, own);
    const demand = { scope: '', key: args.key, limit: readLimit(flags), cost: flags.cost };
    if (program === undefined || argv.length > 1) throw this.missingCommand(argv.map(String));

    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    const timeoutMs = flags['no-wait'] ? 0 : (flags.timeout ?? Number.POSITIVE_INFINITY);
    const outcome = await this.take(target, demand, timeoutMs);
    if (!outcome.allowed) return this.refuse(demand, outcome, flags['conflict-exit-code']);
    const lease = outcome.decisions[0]?.lease;
    return this.runWith(target, lease === undefined ? demand : { ...demand, lease }, program, rest);
  }

  /** The store is closed again while the command runs: that may take hours. */
  private async take(target: LimiterTarget, demand: Demand, timeoutMs: number): Promise<Outcome> {
    const { clock, random, signal } = this.context;
    const spinner = new LateSpinner(this.out);
    const onWait = (us: number) => spinner.show(`waiting, ${sayTime(us)} yet`);
    const waiting = { clock, random, signal, timeoutMs, onWait };
    return withLimiter(
      target,
      this.context,
      (limiter) => takeWhenAllowed(limiter, demand, waiting).finally(() => spinner.stop()),
      { oneShot: true, signal, onNotice: (text) => this.out.warn(text) },
    );
  }

  private async runWith(target: LimiterTarget, taken: RefundDemand, program: string, args: readonly string[]) {
    const { clock, signal } = this.context;
    const giveBack = () => withLimiter(target, this.context, (limiter) => limiter.refund(taken), { oneShot: true });
    if (signal.aborted) {
      await giveBack();
      signal.throwIfAborted();
    }
    const startedAt = clock.monotonic();
    const ended = await runProgram(program, args);
    if (!ended.started || taken.lease !== undefined) await giveBack();
    if (!ended.started) return this.failWith(ended.code, ended.error);
    const { periodUs } = taken.limit;
    if (taken.lease !== undefined && (clock.monotonic() - startedAt) * 1000 >= periodUs) {
      this.out.warn(
        `${program} ran longer than its place was held, ${sayTime(periodUs)}: another may have run beside it`,
      );
    }
    return ended.code;
  }

  private refuse(demand: Demand, outcome: Outcome, exitCode: number): number {
    for (const answer of answersOf(outcome, [demand])) {
      if (this.out.json) this.out.item({ key: demand.key, cost: demand.cost, ...answerRecord(answer) }, '');
      else this.out.note(`${answer.state}: ${sayAnswer(answer)}`);
    }
    return exitCode;
  }

  private missingCommand([key = 'KEY', ...words]: readonly string[]) {
    const command = words.length === 0 ? 'COMMAND' : words.map(quoteForShell).join(' ');
    return cliErrors.error('usage.missing', 'missing -- and a command to run', {
      hint: `ds limit run ${quoteForShell(key)} --rate 5/min -- ${command}`,
    });
  }
}
