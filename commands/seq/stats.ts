import {
  collectStats,
  type SpaceStats,
  seqUrl,
  type TicketSummary,
  withSequencer,
} from '../../src/blocks/seq/index.js';
import { type Column, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class SeqStats extends DsCommand {
  static override summary = 'show the layouts and sequences in use';
  static override description =
    `Worker numbers by layout: how many there are, are leased, cool down before they are given again, and are free; the high
water mark (no ID of this store carries that time or a later one); and when the layout's time bits run out. Then each
sequence: its kind, the last number given out, and how many numbers are not committed.

Pipes get lines that start with "layout" or "ticket", followed by the same columns, between tabs.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    { description: 'What is in the file', command: '<%= config.bin %> seq next\n<%= config.bin %> <%= command.id %>' },
    {
      description: 'The last number of each sequence',
      command: '<%= config.bin %> <%= command.id %> | awk \'$1 == "ticket" {print $2, $4}\'',
    },
    {
      description: 'A daemon or a Redis',
      command: '<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6390 --json',
    },
  ];
  static override flags = { ...targetFlags('seq') };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(SeqStats);
    const now = this.context.clock.now();
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    const { spaces, tickets } = await withSequencer(target, this.context, (sequencer) => collectStats(sequencer, now));
    const layouts = spaces.map(({ space, highWater, endsAt, ...counts }) => {
      return { layout: space, ...counts, high_water: isoTime(highWater), ends_at: isoTime(endsAt) };
    });
    this.out.document({ layouts, tickets }, () => {
      if (spaces.length + tickets.length === 0) return this.out.note('nothing was made here yet; try: ds seq next');
      if (spaces.length > 0) this.out.table(this.tagged('layout', layoutColumns(now)), spaces);
      if (spaces.length * tickets.length > 0 && this.out.isTerminal) this.out.line('');
      if (tickets.length > 0) this.out.table(this.tagged('ticket', ticketColumns), tickets);
    });
  }

  /** In a pipe there are no headers that tell the two tables apart. */
  private tagged<Row>(tag: string, columns: readonly Column<Row>[]): readonly Column<Row>[] {
    return this.out.isTerminal ? columns : [{ header: '', value: () => tag }, ...columns];
  }
}

function layoutColumns(now: number): Column<SpaceStats>[] {
  return [
    { header: 'layout', value: (row) => row.space },
    { header: 'workers', value: (row) => row.workers, display: ({ workers }) => grouped(workers) },
    { header: 'leased', value: (row) => row.leased, display: ({ leased }) => grouped(leased) },
    { header: 'cooling', value: (row) => row.cooling, display: ({ cooling }) => grouped(cooling) },
    {
      header: 'free',
      value: (row) => row.free,
      display: ({ free }) => grouped(free),
      color: ({ free }) => (free === 0 ? 'red' : undefined),
    },
    {
      header: 'high water',
      value: (row) => isoTime(row.highWater),
      display: (row) => relativeTime(row.highWater, now),
    },
    { header: 'runs out', value: (row) => isoTime(row.endsAt), display: (row) => dayOf(row.endsAt) },
  ];
}

const grouped = (count: number) => count.toLocaleString('en-US');

/** `2080-07-10`; beyond four digits only the year, since nobody plans a day in `+010889-08-02`. */
function dayOf(instant: number): string {
  const text = isoTime(instant);
  return text.startsWith('+') ? `year ${Number(text.slice(1, 7))}` : text.slice(0, 10);
}

const ticketColumns: Column<TicketSummary>[] = [
  { header: 'sequence', value: (row) => row.name },
  { header: 'kind', value: (row) => row.kind },
  { header: 'last', value: (row) => row.last, display: (row) => row.last.toLocaleString('en-US') },
  { header: 'holes', value: (row) => row.holes, color: ({ holes }) => (holes > 0 ? 'yellow' : undefined) },
];
