import {
  type CronTarget,
  cronUrl,
  type ExecEnd,
  loadRunner,
  type Outcome,
  type Run,
  withLedger,
} from '../../src/blocks/cron/index.js';
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
import { passThrough } from '../../src/platform/cli/pass-through.js';
import { cannotStart, codeOfSignal, takeSignals } from '../../src/platform/cli/run-program.js';
import { messageOf } from '../../src/platform/errors.js';

/** As timeout(1) ends. */
const EXIT_TIMED_OUT = 124;
/** EX_TEMPFAIL of sysexits.h: not now, try again later. */
const EXIT_OVERLAPPED = 75;

interface Told {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly timeoutMs?: number;
  readonly mutexes?: readonly string[];
}

export default class CronExec extends DsCommand {
  static override strict = false;
  static override summary = 'run a command that something else schedules: with a lock, a timeout and a history';
  static override description =
    `Runs what stands after -- as a run of the job NAME, with this command's own input, output and exit code, for a line of a
crontab, a systemd unit or a CI job. Its output is kept, too (ds cron output); ds cron history tells how it ended, and whoever
is to be notified is. A job that is not there is made: it has no schedule, and one run at a time on all machines that share
the store.

While it goes on, the same job is not started again. When ds itself is killed the job stays locked for up to a minute;
what is left of its command is ended by the next start. All processes that the command leaves behind are ended with it; one
that is to stay is started without the mark: env -u DS_CRON_MARK setsid ...

The command finds DS_CRON_JOB, DS_CRON_RUN, DS_CRON_TRIGGER, DS_CRON_ATTEMPT, DS_CRON_SLOT and DS_CRON_FENCE, a number that
rises with every start, in its environment. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR2 and SIGCONT are passed on to all of its processes. It has
no controlling terminal. The store is a file or a PostgreSQL; a daemon's http:// cannot lend a run.

--json: of a run that was started nothing, since stdout is the command's own; of one that was not {job, run, state, reason}.

Exit codes: the command's own, and 128 + N when signal N ended it; 75 it was not run, since another run goes on
(--conflict-exit-code chooses another); 124 timed out; 127 there is no such command; 126 it cannot be executed; 2 bad
input; 3 the server could not be reached; 4 the store failed. What fails in the store after the start is said on stderr.`;
  static override examples = [
    {
      description: 'In a crontab: no second one beside it, at most an hour, and its history is kept',
      command: '<%= config.bin %> <%= command.id %> backup --timeout 1h -- echo backup done',
    },
    {
      description: 'Of two jobs with a mutex in common one runs at a time',
      command:
        '<%= config.bin %> <%= command.id %> import --mutex warehouse -- sleep 0.5 & sleep 0.2; <%= config.bin %> <%= command.id %> export --mutex warehouse --quiet -- true || echo later; wait',
    },
    {
      description: 'A shell reads builtins and pipes',
      command: "<%= config.bin %> <%= command.id %> report -- sh -c 'seq 3 | tail -n 1'",
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'the job; -- and the command follow' }),
  };
  static override flags = {
    ...targetFlags('cron'),
    timeout: durationFlag({
      description: "SIGTERM after so long, SIGKILL later (default: the job's own, none for a new one)",
    }),
    mutex: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      description: 'of all jobs with this mutex one runs at a time; may be given several times',
    }),
    'conflict-exit-code': countFlag({
      char: 'E',
      min: 0,
      max: 255,
      default: EXIT_OVERLAPPED,
      description: 'exit code when it was not run',
    }),
  };

  protected async execute(): Promise<number> {
    const { own, behind } = splitAtDashes(this.argv);
    const [program, ...rest] = behind;
    const { args, argv, flags } = await this.parse(CronExec, own);
    if (program === undefined || argv.length > 1) throw this.missingCommand(argv.map(String));

    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { timeout: timeoutMs, mutex: mutexes } = flags;
    const ended = await this.runAsJob(target, {
      ...{ name: args.name, program, args: rest },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(mutexes === undefined ? {} : { mutexes }),
    });
    if (ended.kind === 'overlapped') return this.refuse(ended.run, flags['conflict-exit-code']);
    if (ended.startError === undefined) return this.exitCodeOf(ended.outcome, ended.timedOut);
    const { code, error } = cannotStart(program, ended.startError);
    return this.failWith(code, error);
  }

  private async runAsJob(target: CronTarget, told: Told): Promise<ExecEnd> {
    const { execJob, execJobSpec } = await loadRunner();
    const { env, random } = this.context;
    const to = { stdout: passThrough(1), stderr: passThrough(2) };
    let pass = (_name: NodeJS.Signals): void => {};
    const restore = takeSignals((name) => pass(name));
    try {
      return await withLedger(target, this.context, (ledger) =>
        execJob(
          ledger,
          {
            ...told,
            ...{ folder: '.', environment: env },
            newJob: execJobSpec(told.name, { timeoutMs: told.timeoutMs ?? 0, mutexes: told.mutexes ?? [], random }),
            tee: (stream, bytes) => to[stream](bytes),
            onSignals: (passOn) => {
              pass = passOn;
            },
            onTrouble: (what, error) => this.out.warn(`${what}: ${messageOf(error)}`),
          },
          this.context,
        ),
      );
    } finally {
      restore();
    }
  }

  private exitCodeOf(outcome: Outcome, timedOut: boolean): number {
    if (outcome.kind === 'succeeded') return 0;
    const code = outcome.exitCode ?? codeOfSignal(outcome.signal);
    if (outcome.kind === 'failed' && !timedOut) return code;
    this.out.note(`${outcome.kind}: ${outcome.reason}`);
    // Ended from here, a command that then says 0 has not done what it was to do.
    return timedOut ? EXIT_TIMED_OUT : code || codeOfSignal('SIGTERM');
  }

  private refuse(run: Run, exitCode: number): number {
    if (this.out.json) this.out.document({ job: run.job, run: run.id, state: run.state, reason: run.reason }, () => {});
    else this.out.note(`${run.job} was not run: ${run.reason}`);
    return exitCode;
  }

  private missingCommand([name = 'NAME', ...words]: readonly string[]) {
    const command = words.length === 0 ? 'COMMAND' : words.map(quoteForShell).join(' ');
    return cliErrors.error('usage.missing', 'missing -- and a command to run', {
      hint: `ds cron exec ${quoteForShell(name)} -- ${command}`,
    });
  }
}
