import {
  type AuditReport,
  auditStream,
  type Finding,
  findingsOf,
  isSound,
  resolveLayout,
} from '../../src/blocks/seq/index.js';
import { Args, type Column, countFlag, DsCommand, durationFlag, Flags } from '../../src/platform/cli/command.js';
import { openInput } from '../../src/platform/cli/input.js';
import type { Color } from '../../src/platform/cli/output.js';
import { isoTime } from '../../src/platform/relative-time.js';

export default class SeqAudit extends DsCommand {
  static override summary = 'find duplicates, inversions and clock jumps in a file of IDs';
  static override description =
    `Reads IDs, one a line, any number of them in bounded memory (what does not fit goes to temporary files), and says which came
twice, which are lower than the one before, and where a worker's clock jumped. Without --layout the first lines decide.

Inversions are counted twice: against the line before, which merged files have many of, and against the same worker's
previous ID, which a sound generator has none of.

Pipes get findings, one a line, between tabs: what, line, ID, worker, and what it is held against. --json prints counts and
the first examples.

Exit codes: 0 sound; 1 there are duplicates, or IDs of one worker that fall; 2 bad input: the first lines are no IDs, or not of the
layout.`;
  static override examples = [
    {
      description: 'A million IDs, straight from the maker',
      command: '<%= config.bin %> seq next -n 1000000 | <%= config.bin %> <%= command.id %> -',
    },
    {
      description: 'A file in which one ID stands twice',
      command:
        '<%= config.bin %> seq next -n 1000 > ids.txt\nhead -n 1 ids.txt >> ids.txt\n<%= config.bin %> <%= command.id %> ids.txt',
    },
    {
      description: 'In a script: are these discord IDs sound?',
      command:
        '<%= config.bin %> seq next -n 1000 -l discord > ids.txt\n<%= config.bin %> <%= command.id %> ids.txt --layout discord --quiet && echo sound',
    },
    {
      description: 'Only how many came twice',
      command:
        '<%= config.bin %> seq next -n 1000 | <%= config.bin %> <%= command.id %> - | awk \'$1 == "duplicates" {print $2}\'',
    },
  ];
  static override args = {
    file: Args.string({ required: true, description: 'file with an ID on each line; - is stdin' }),
  };
  static override flags = {
    layout: Flags.string({
      char: 'l',
      helpValue: 'LAYOUT',
      description: 'what the IDs are made of (default: find out)',
    }),
    jump: durationFlag({
      default: 3_600_000,
      min: 1,
      description: "a worker's time going forward by this much is a jump",
    }),
    limit: countFlag({ default: 20, min: 0, max: 10_000, description: 'examples of each finding' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(SeqAudit);
    const layout = flags.layout === undefined ? {} : { layout: resolveLayout(flags.layout) };
    const { stream, size } = openInput(args.file);
    const progress = await this.out.progress('audit', size);
    const options = { ...layout, now: this.context.clock.now(), jumpMs: flags.jump, examples: flags.limit };
    const report = await auditStream(progress.over(stream), options).finally(() => progress.stop());
    this.out.document(toRecord(report), () => this.show(report));
    return isSound(report) ? 0 : 1;
  }

  private show(report: AuditReport): void {
    const findings = findingsOf(report);
    if (!this.out.isTerminal) {
      for (const [name, count] of countsOf(report)) this.out.line(`${name}\t${count}`);
      this.out.table(findingColumns, findings);
      return;
    }
    const counts = countsOf(report)
      .filter(([name, count]) => count > 0 || ALWAYS_SAID.includes(name))
      .map(([name, count]) => `${count.toLocaleString('en-US')} ${name.replaceAll('_', ' ')}`);
    const verdict: [Color, string] = isSound(report) ? ['green', 'sound'] : ['red', 'not sound'];
    this.out.styled(verdict, `  ${report.layout}  ${counts.join(', ')}`);
    if (findings.length > 0) this.out.table(findingColumns, findings);
    if (report.workers.length > 0) this.out.table(workerColumns, report.workers.slice(0, 20));
  }
}

/** The counts that the verdict rests on; a terminal is shown the others when there is something to say. */
const ALWAYS_SAID: readonly string[] = ['ids', 'duplicates', 'worker_inversions'];

function countsOf({ ids, duplicates, inversions, clockJumps, badLines }: AuditReport): [name: string, count: number][] {
  return [
    ['ids', ids],
    ['duplicates', duplicates.count],
    ['worker_inversions', inversions.sameWorker],
    ['inversions', inversions.count],
    ['jumps_back', clockJumps.back],
    ['jumps_forward', clockJumps.forward],
    ['bad_lines', badLines.count],
  ];
}

const findingColumns: Column<Finding>[] = [
  { header: 'what', value: ({ what }) => what, color: ({ what }) => (what === 'duplicate' ? 'red' : 'yellow') },
  { header: 'line', value: ({ line }) => line },
  { header: 'id', value: ({ text }) => text, keep: true },
  { header: 'worker', value: ({ worker }) => worker },
  { header: 'against', value: ({ against }) => against },
];

const workerColumns: Column<AuditReport['workers'][number]>[] = [
  { header: 'worker', value: ({ worker }) => worker },
  { header: 'ids', value: ({ ids }) => ids, display: ({ ids }) => ids.toLocaleString('en-US') },
  { header: 'from', value: ({ firstMs }) => isoTime(firstMs) },
  { header: 'to', value: ({ lastMs }) => isoTime(lastMs) },
  { header: 'inversions', value: ({ inversions }) => inversions },
  { header: 'jumps', value: ({ jumpsBack, jumpsForward }) => jumpsBack + jumpsForward },
];

function toRecord(report: AuditReport) {
  const { layout, format, ids, firstMs, lastMs, inversions, badLines } = report;
  return {
    sound: isSound(report),
    layout,
    format,
    ids,
    ...(firstMs === undefined ? {} : { first: isoTime(firstMs) }),
    ...(lastMs === undefined ? {} : { last: isoTime(lastMs) }),
    duplicates: {
      count: report.duplicates.count,
      examples: report.duplicates.examples.map(({ firstLine, ...rest }) => ({ ...rest, first_line: firstLine })),
    },
    inversions: { count: inversions.count, same_worker: inversions.sameWorker, examples: inversions.examples },
    clock_jumps: {
      back: report.clockJumps.back,
      forward: report.clockJumps.forward,
      examples: report.clockJumps.examples.map(({ fromMs, toMs, ...rest }) => {
        return { ...rest, from: isoTime(fromMs), to: isoTime(toMs) };
      }),
    },
    bad_lines: badLines,
    workers: report.workers.map((worker) => ({
      worker: worker.worker,
      ids: worker.ids,
      first: isoTime(worker.firstMs),
      last: isoTime(worker.lastMs),
      inversions: worker.inversions,
      jumps_back: worker.jumpsBack,
      jumps_forward: worker.jumpsForward,
      farthest_back_ms: worker.farthestBackMs,
    })),
  };
}
