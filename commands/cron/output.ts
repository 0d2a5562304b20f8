import { cronUrl, loadReport, type OutputChunk, withBook } from '../../src/blocks/cron/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class CronOutput extends DsCommand {
  static override summary = 'print what a run wrote';
  static override description =
    `Of a run by its number, or of a job's newest run that has begun; ds cron history tells which. Of long output the middle is left out, as the job's
--output says; stderr tells how much. Secrets of env files are masked.

A pipe gets the bytes as they were written; a terminal gets lines, control characters escaped. --json prints a line for each piece:
{attempt, sequence, stream, at, base64, omitted_before}.

Exit codes: 0 done; 1 there is no such run or job, or it never ran; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Of the newest run of a job',
      command: `<%= config.bin %> cron add backup -- echo backed up
<%= config.bin %> cron run backup --wait
<%= config.bin %> <%= command.id %> backup`,
    },
    {
      description: 'Of a certain run, only what went wrong',
      command: '<%= config.bin %> <%= command.id %> 1 --stream stderr',
    },
    { description: 'As it comes, until the run ends', command: '<%= config.bin %> <%= command.id %> backup --follow' },
  ];
  static override args = { what: Args.string({ required: true, description: 'number of a run, or name of a job' }) };
  static override flags = {
    ...targetFlags('cron'),
    follow: Flags.boolean({ char: 'f', description: 'until the run has ended' }),
    stream: Flags.string({ options: ['stdout', 'stderr'], description: 'only this one (default: both, as they came)' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronOutput);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { findRun, followOutput, OutputLines } = await loadReport();
    const { clock } = this.context;
    await withBook(target, this.context, async (book) => {
      const run = await findRun(book, args.what);
      const follow = flags.follow ? { clock, signal: this.context.signal } : undefined;
      const lines = new OutputLines();
      for await (const piece of followOutput(book, run.id, follow)) {
        if (piece.kind === 'end') break;
        if (flags.stream === undefined || piece.chunk.stream === flags.stream) await this.print(piece.chunk, lines);
      }
      for (const line of lines.end()) this.out.line(line);
    });
  }

  private async print(chunk: OutputChunk, lines: { push(chunk: OutputChunk): readonly string[] }): Promise<void> {
    const { chunkJson } = await loadReport();
    if (chunk.omittedBefore > 0) this.out.note(`… ${chunk.omittedBefore.toLocaleString('en-US')} bytes left out …`);
    if (this.out.json) this.out.item(chunkJson(chunk), '');
    else if (this.out.isTerminal) for (const line of lines.push(chunk)) this.out.line(line);
    else await this.out.bytes(chunk.bytes);
  }
}
