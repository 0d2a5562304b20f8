import { hostname } from 'node:os';
import {
  type CronBook,
  type CronTarget,
  cronUrl,
  loadReport,
  loadRunHere,
  type Run,
  withBook,
  withLedger,
} from '../../src/blocks/cron/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

/** A worker that was heard of within so long will carry the run out, milliseconds. */
const LIVE_MS = 30_000;

export default class CronRun extends DsCommand {
  static override summary = 'run a job now, by hand';
  static override description =
    `Queues a run that the ds cron serve on the same store carries out: retries, timeout and mutexes as ever, also while the job is paused.
With --wait its output is passed through and the exit code tells how it ended. Where no daemon was heard of lately, --wait carries the
run out in this process; over http:// it is the daemon's.

Pipes get the number of the run and its state, between tabs; with --wait what the run writes. --json: the run, as ds cron history has it.

Exit codes: 0 queued, or with --wait succeeded; 1 it did not, or there is no such job; 2 bad input; 3 the server could not be reached;
4 the store failed; 130 interrupted: the run was cancelled.`;
  static override examples = [
    {
      description: 'And see how it ends',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %> backup --wait`,
    },
    { description: 'Only queue it', command: '<%= config.bin %> <%= command.id %> backup' },
    { description: 'How it ended, as JSON', command: '<%= config.bin %> <%= command.id %> backup --wait --json' },
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
      const run = await withBook(target, this.context, (book) => book.trigger(args.name));
      await this.show(run);
      return 0;
    }
    const run = await this.runToItsEnd(target, args.name);
    await this.show(run);
    return run.state === 'succeeded' ? 0 : 1;
  }

  private async runToItsEnd(target: CronTarget, name: string): Promise<Run> {
    const { clock } = this.context;
    const { run, isServed } = await withBook(target, this.context, async (book) => {
      const { workers } = await book.status();
      const served = workers.some(({ seenAt, capacity }) => capacity > 0 && clock.now() - seenAt < LIVE_MS);
      return { run: await book.trigger(name), isServed: served };
    });
    const isDaemon = target.kind === 'url' && target.url.startsWith('http');
    if (isDaemon || isServed) return withBook(target, this.context, (book) => this.follow(book, run));
    return withLedger(target, this.context, async (ledger) => {
      const { runHere } = await loadRunHere();
      const { random, env: environment, version, signal } = this.context;
      const worker = `run:${hostname()}:${process.pid}`;
      const runner = { clock, random, environment, version, place: ledger.place };
      const ended = runHere(run.id, { ledger, worker, runner, signal });
      await this.follow(ledger, run);
      return ended;
    });
  }

  private async follow(book: CronBook, run: Run): Promise<Run> {
    const { followOutput, LineSplitter } = await loadReport();
    const lines = new LineSplitter();
    const { clock, signal } = this.context;
    const cancel = () => void book.cancel(run.id).catch(() => {});
    signal.addEventListener('abort', cancel, { once: true });
    // Goes on after an interrupt, to see the run end.
    const never = new AbortController().signal;
    let last = run;
    for await (const piece of followOutput(book, run.id, { clock, signal: never })) {
      if (piece.kind === 'end') last = piece.run;
      else if (this.out.isTerminal) for (const line of lines.push(piece.chunk.bytes)) this.out.line(line);
      else if (!this.out.json) await this.out.bytes(piece.chunk.bytes);
    }
    for (const line of lines.end()) this.out.line(line);
    signal.removeEventListener('abort', cancel);
    return last;
  }

  private async show(run: Run): Promise<void> {
    const { runJson, sayRun } = await loadReport();
    this.out.document(runJson(run), () => {
      if (run.state === 'queued' && this.out.isTerminal) this.out.line(`run ${run.id} of ${run.job} is queued`);
      else if (run.state === 'queued') this.out.line(`${run.id}\t${run.state}`);
      else this.out.note(sayRun(run));
    });
  }
}
