import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { catalogue } from '../src/blocks/catalogue.js';
import { type Column, DsCommand } from '../src/platform/cli/command.js';
import type { TourResult } from '../src/platform/daemon/tour.js';

export default class Tour extends DsCommand {
  static override summary = 'see every block do one real thing';
  static override description =
    `Starts every block on free ports in a temporary home, asks each through its real protocol with its own command, shows
what came back, and leaves nothing behind. Takes a second or two and touches nothing of yours.

Exit codes: 0 every answer was right; 1 one was not; 130 interrupted.`;
  static override examples = [
    { description: 'Look around', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Check an installation in a script',
      command: '<%= config.bin %> <%= command.id %> --quiet > /dev/null && echo works',
    },
    { description: 'The answers as a document', command: '<%= config.bin %> <%= command.id %> --json' },
  ];

  protected async execute(): Promise<number> {
    await this.parse(Tour);
    const { takeTour } = await import('../src/platform/daemon/tour.js');
    const { root, clock } = this.context;
    const startedAt = clock.monotonic();
    const spinner = await this.out.spinner('starting');
    const results = await takeTour({
      ...this.context,
      machine: this.context.machine,
      signal: this.context.signal,
      catalogue,
      program: [process.execPath, join(root, 'bin', 'run.js')],
      workerEntry: pathToFileURL(join(root, 'dist', 'src', 'blocks', 'worker.js')),
      onProgress: (text) => spinner.text(text),
    }).finally(() => spinner.stop());
    return this.show(results, clock.monotonic() - startedAt);
  }

  private show(results: readonly TourResult[], elapsedMs: number): number {
    const blocks = [...new Set(results.map(({ block }) => block))];
    const wrong = results.filter(({ problem }) => problem !== undefined);
    const answered = blocks.filter((name) => !wrong.some(({ block }) => block === name)).length;
    const total = {
      blocks: blocks.length,
      answered,
      elapsed_ms: Math.round(elapsedMs),
      stops: results.map(toDocument),
    };
    this.out.document(total, () => this.out.table(columns, results));
    for (const { block, did, problem } of wrong) this.out.warn(`${block}, ${did}: ${problem}`);
    const seconds = (elapsedMs / 1000).toFixed(1);
    const verdict = `${answered} of ${blocks.length} ${blocks.length === 1 ? 'block' : 'blocks'} answered in ${seconds} s.`;
    if (!this.out.json)
      this.out.note(`\n${verdict}  Next: ds up, then ds <block> --help`, wrong.length > 0 ? 'red' : 'green');
    return wrong.length === 0 ? 0 : 1;
  }
}

const columns: readonly Column<TourResult>[] = [
  { header: 'block', value: ({ block }) => block, color: () => 'bold' },
  { header: 'did', value: ({ did }) => did },
  { header: 'through', value: ({ through }) => through, color: () => 'dim' },
  { header: 'answer', value: ({ answer, problem }) => answer ?? problem },
  {
    header: 'time',
    value: ({ durationMs }) => Math.round(durationMs),
    display: ({ durationMs }) => `${Math.round(durationMs)} ms`,
  },
  {
    header: '',
    value: ({ problem }) => (problem === undefined ? 'ok' : 'failed'),
    display: ({ problem }) => (problem === undefined ? '✓' : '✗'),
    color: ({ problem }) => (problem === undefined ? 'green' : 'red'),
  },
];

function toDocument({ durationMs, problem, ...rest }: TourResult) {
  return {
    ...rest,
    ok: problem === undefined,
    ...(problem !== undefined && { problem }),
    duration_ms: Math.round(durationMs),
  };
}
