import { DEFAULT_LAYOUT, idFormats, resolveLayout, timeRange } from '../../src/blocks/seq/index.js';
import { DsCommand, Flags, timeFlag } from '../../src/platform/cli/command.js';
import { isoTime } from '../../src/platform/relative-time.js';

export default class SeqRange extends DsCommand {
  static override summary = 'print the smallest and the largest ID of a time span';
  static override description =
    `IDs that start with their time sort by it: a query for a time span needs no second index, only the two ends. Both belong to
the span. Where the time does not stand first in the layout, IDs of other times lie between them too; a warning says so.

Pipes get the smallest and the largest, between a tab.

Exit codes: 0 done; 2 the span is reversed, or outside the layout's time.`;
  static override examples = [
    {
      description: 'Every ID of January 2026',
      command: '<%= config.bin %> <%= command.id %> --from 2026-01-01 --to 2026-01-31T23:59:59.999Z',
    },
    {
      description: 'Of the last hour, in the discord layout',
      command: '<%= config.bin %> <%= command.id %> --from -1h --layout discord',
    },
    {
      description: 'Straight into SQL',
      command:
        'read MIN MAX < <(<%= config.bin %> <%= command.id %> --from -1d)\necho "SELECT * FROM orders WHERE id BETWEEN $MIN AND $MAX"',
    },
  ];
  static override flags = {
    from: timeFlag({ required: true, description: 'start of the span: ISO 8601, milliseconds since 1970, or -1h' }),
    to: timeFlag({ description: 'end of the span (default: now)' }),
    layout: Flags.string({
      char: 'l',
      helpValue: 'LAYOUT',
      default: DEFAULT_LAYOUT,
      description: 'what the IDs are made of',
    }),
    format: Flags.option({
      char: 'f',
      options: idFormats.filter((format) => format !== 'binary'),
      description: "how the IDs are written (default: canonical, the layout's own)",
    })(),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(SeqRange);
    const layout = resolveLayout(flags.layout);
    const to = flags.to ?? this.context.clock.now();
    const { smallest, largest, exact } = timeRange(layout, flags.from, to, flags.format ?? 'canonical');
    if (!exact)
      this.out.warn(`the time does not stand first in layout ${layout.name}: other IDs lie between these, too`);
    const record = { layout: layout.name, from: isoTime(flags.from), to: isoTime(to), smallest, largest, exact };
    this.out.document(record, () => {
      if (!this.out.isTerminal) return this.out.line(`${smallest}\t${largest}`);
      this.out.styled(['dim', 'smallest  '], smallest, ['dim', `  ${record.from}`]);
      this.out.styled(['dim', 'largest   '], largest, ['dim', `  ${record.to}`]);
    });
  }
}
