import {
  type CronBook,
  cronUrl,
  daemonUrl,
  type Ledger,
  loadReport,
  loadRunHere,
  type Run,
  withBook,
  withLedger,
} from '../../src/blocks/cron/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { messageOf } from '../../src/platform/errors.js';

export default class CronRun extends DsCommand {
  static override summary = 'run a job now, by hand';
  static override description =
    `Queues a run that the ds cron serve on the same store carries out: retries, timeout and mutexes as ever, also while the job is paused.
The concurrency policy holds for it, too: beside another run it may be overlapped at once, which is no success.

With --wait its output is passed through and the exit code tells how it ended. Where no daemon was heard of for half a minute, --wait
carries the run out in this process, with the environment that a daemon would give it; notices and jobs after it then wait for a
daemon. Over http:// it is the daemon's.

Pipes get the number of the run and its state, between tabs; with --wait what the run writes, and on stderr why it did not succeed.
--json: the run, as ds cron history has it.

Exit codes: 0 queued, or with --wait succeeded; 1 it did not succeed, or there is no such job; 2 bad input; 3 the server could not be
reached; 4 the store failed; 130 interrupted: the run was cancelled.`;
  static override examples = [
    {
      description: 'And see how it ends',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %> backup --wait`,
    },
    { description: 'How it ended, as JSON', command: '<%= config.bin %> <%= command.id %> backup --wait --json' },
    { description: 'Only queue it, for the daemon', command: '<%= config.bin %> <%= command.id %> backup' },
  ];
  static override args = { name: Args.string({ required: true, description: 'the job' }) };
  static override flags = {
    ...targetFlags('cron'),
    wait: Flags.boolean({ char: 'w', description: 'until it has ended' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(CronRun);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    if (!flags.wait) {
      return withBook(target, this.context, async (book) => {
        const run = await book.trigger(args.name);
        await this.showQueued(book, run);
        return run.state === 'queued' ? 0 : 1;
      });
    }
    // After an interrupt the daemon is still asked to cancel the run, and how it ended.
    const { clock, random, env, home } = this.context;
    const run =
      daemonUrl(target) === undefined
        ? await withLedger(target, this.context, (ledger) => this.carryOut(ledger, args.name))
        : await withBook(target, { clock, random, env, home }, (book) => this.waitFor(book, args.name));
    await this.showEnded(run);
    this.context.signal.throwIfAborted();
    return run.state === 'succeeded' ? 0 : 1;
  }

  private async waitFor(book: CronBook, name: string): Promise<Run> {
    const { signal } = this.context;
    const run = await book.trigger(name);
    const cancel = () => void book.cancel(run.id).catch(() => {});
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      // Goes on after an interrupt, to see the run end.
      return await this.passOn(book, run, new AbortController().signal);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  private async carryOut(ledger: Ledger, name: string): Promise<Run> {
    const { clock, random, env: environment, version, signal } = this.context;
    const { runHere } = await loadRunHere();
    const failed = new AbortController();
    let passing: Promise<Run> | undefined;
    const ended = runHere(name, {
      ...{ ledger, signal, runner: { clock, random, environment, version, place: ledger.place } },
      onQueued: (run) => {
        passing = this.passOn(ledger, run, failed.signal);
        passing.catch(() => {}); // told of when the run has ended
      },
      onTrouble: (what, error) => this.out.warn(`${what}: ${messageOf(error)}`),
    });
    ended.catch((error: unknown) => failed.abort(error));
    // When nobody reads any more the run goes on to its end all the same.
    const [run, passed] = await Promise.allSettled([ended, ended.then(() => passing)]);
    if (run.status === 'rejected') throw run.reason;
    if (passed.status === 'rejected') throw passed.reason;
    return run.value;
  }

  /** What the run writes, until it has ended. */
  private async passOn(book: CronBook, run: Run, signal: AbortSignal): Promise<Run> {
    const { followOutput, OutputLines } = await loadReport();
    const lines = new OutputLines();
    let last = run;
    for await (const piece of followOutput(book, run.id, { clock: this.context.clock, signal })) {
      if (piece.kind === 'end') last = piece.run;
      else if (this.out.json) continue;
      else if (this.out.isTerminal) for (const line of lines.push(piece.chunk)) this.out.line(line);
      else await this.out.bytes(piece.chunk.bytes);
    }
    for (const line of lines.end()) this.out.line(line);
    return last;
  }

  private async showQueued(book: CronBook, run: Run): Promise<void> {
    const { runJson, sayRun } = await loadReport();
    this.out.document(runJson(run), () => {
      if (this.out.isTerminal) this.out.line(sayRun(run));
      else this.out.line(`${run.id}\t${run.state}`);
    });
    const { leader } = this.out.isTerminal && !this.out.json ? await book.status() : { leader: true };
    if (leader === undefined) this.out.note('it waits for a daemon: ds cron serve', 'yellow');
  }

  private async showEnded(run: Run): Promise<void> {
    const { runJson, sayRun } = await loadReport();
    this.out.document(runJson(run), () => {
      if (this.out.isTerminal || run.state !== 'succeeded') this.out.note(sayRun(run));
    });
  }
}
