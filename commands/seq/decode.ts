import { type DecodedId, decodeId, type Layout, layoutNames, resolveLayout } from '../../src/blocks/seq/index.js';
import { Args, type Column, DsCommand, Flags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { inputLines } from '../../src/platform/cli/input.js';
import { DsError } from '../../src/platform/errors.js';
import { isoTime } from '../../src/platform/relative-time.js';

/** IDs rendered at once: bounds memory, and gives a terminal tables rather than single rows. */
const BATCH = 256;

type Row = DecodedId & { readonly typed: string };

export default class SeqDecode extends DsCommand {
  static override strict = false;
  static override summary = 'take IDs apart: time, worker, sequence';
  static override description =
    `Without --layout a number says little about where it comes from: everything it could be is listed, the likeliest first.
Decimal, hexadecimal, base 32, base 62 and the texts of UUIDs, ULIDs, KSUIDs and XIDs are read.

Layouts: ${layoutNames.join(' ')}, or bits of your own.

Pipes get ID, layout, time and fields between tabs, a line for each thing it could be: one line an ID with --layout.
--json prints one object an ID; "also" holds the less likely readings.

Exit codes: 0 done; 2 the text is no ID, or the layout is unknown.`;
  static override examples = [
    { description: 'What could this be?', command: '<%= config.bin %> <%= command.id %> 105484726235607040' },
    {
      description: 'When was it made?',
      command: '<%= config.bin %> <%= command.id %> 90339695967350784 --layout discord',
    },
    { description: 'A ULID', command: '<%= config.bin %> <%= command.id %> 01ARZ3NDEKTSV4RRFFQ69G5FAV' },
    {
      description: 'Only the times of a thousand IDs',
      command: '<%= config.bin %> seq next -n 1000 | <%= config.bin %> <%= command.id %> - --layout twitter | cut -f3',
    },
  ];
  static override args = {
    id: Args.string({
      description: 'ID to take apart; several may follow; - reads one a line from stdin, as a pipe without an ID does',
    }),
  };
  static override flags = {
    layout: Flags.string({ char: 'l', helpValue: 'LAYOUT', description: 'what it is made of (default: find out)' }),
  };

  /** Of stdin, from 1, once it is read. */
  private line: number | undefined;

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(SeqDecode);
    const layout = flags.layout === undefined ? undefined : resolveLayout(flags.layout);
    const now = this.context.clock.now();
    let rows: Row[] = [];
    if (argv.length === 0 && process.stdin.isTTY === true) {
      throw cliErrors.error('usage.missing', 'missing ID', { hint: 'ds seq next | ds seq decode' });
    }
    for await (const typed of this.ids(argv.length === 0 ? ['-'] : argv.map(String))) {
      const readings = this.decode(typed, layout, now);
      if (this.out.json) this.out.item(toRecord(typed, readings), '');
      else rows.push(...readings.map((reading) => ({ typed, ...reading })));
      if (rows.length >= BATCH) rows = this.show(rows);
    }
    this.show(rows);
  }

  private async *ids(words: readonly string[]): AsyncGenerator<string> {
    for (const word of words) {
      if (word !== '-') yield word;
      else yield* this.idsOfStdin();
    }
  }

  private async *idsOfStdin(): AsyncGenerator<string> {
    this.line = 0;
    for await (const line of inputLines('-')) {
      this.line++;
      if (line.trim() !== '') yield line.trim();
    }
  }

  private decode(typed: string, layout: Layout | undefined, now: number): DecodedId[] {
    try {
      return decodeId(typed, layout, now);
    } catch (error) {
      if (this.line === undefined || !(error instanceof DsError)) throw error;
      const { code, kind, message, hint, details } = error;
      const context = { details: { ...details, line: this.line }, ...(hint === undefined ? {} : { hint }) };
      throw new DsError(code, kind, `line ${this.line}: ${message}`, context);
    }
  }

  private show(rows: readonly Row[]): Row[] {
    if (rows.length === 0) return [];
    const isOne = rows.every(({ typed }) => typed === rows[0]?.typed);
    const shown = isOne ? columns.slice(1) : columns;
    this.out.table(this.out.isTerminal ? [...shown, why] : columns, rows);
    return [];
  }
}

const columns: Column<Row>[] = [
  { header: 'id', value: (row) => row.typed, keep: true },
  { header: 'layout', value: (row) => row.layout, keep: true },
  { header: 'time', value: (row) => isoTime(row.time), keep: true },
  { header: 'fields', value: (row) => fieldsText(row.fields) },
];

const why: Column<Row> = { header: 'why', value: (row) => row.why, color: () => 'dim', optional: true };

function fieldsText(fields: DecodedId['fields']): string {
  const names = Object.keys(fields).filter((name) => name !== 'timestamp');
  return names.map((name) => `${name}=${fields[name]}`).join(' ');
}

function toRecord(typed: string, readings: readonly DecodedId[]) {
  const [best, ...others] = readings.map(({ id, layout, format, time, fields }) => {
    return { id, layout, format, time: isoTime(time), fields };
  });
  return { input: typed, ...best, ...(others.length > 0 ? { also: others } : {}) };
}
