import {
  Asking,
  askFlags,
  directions,
  loadReport,
  type MetricResult,
  millisOf,
  nanosOf,
  type OpenLogs,
  type TimeRange,
  withinSpan,
  withVariables,
} from '../../src/blocks/log/index.js';
import { AskCommand } from '../../src/platform/cli/ask-command.js';
import {
  Args,
  type Column,
  countFlag,
  durationFlag,
  Flags,
  targetFlags,
  textFlags,
} from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { renderPlot, speaksUnicode } from '../../src/platform/cli/plot.js';
import { SCREENFUL } from '../../src/platform/cli/screenful.js';
import { isoTime } from '../../src/platform/relative-time.js';

const PLOT_HEIGHT = 12;
/** More series are likely one for each line, which parsers of lines make of their fields. */
const MANY_SERIES = 300;

export default class LogQuery extends AskCommand {
  static override strict = false;
  static override usage = 'QUERY [FILE...]';
  static override summary = 'ask the store, a server or files in LogQL';
  static override description =
    `The query is LogQL, as Loki has it, or a text: then it is short for the lines that have it, {} |= "text". A text of several words is
one argument.

What stands behind the query are files, patterns of them in quotes, or - for stdin: then they are asked, with no server needed, whatever
is compressed with gzip included. Their stream is {filename="…"}. A log and what it was rotated to (app.log.2.gz, app.log.1, app.log) is
read as one, oldest first, and its lines stay in their order; several logs are merged by time. Timestamps are found in the lines. A file
that is cut or damaged is read up to there, the others to their ends; then that is an error.
Without files it is the store, of which the last hour is asked, or a server: ds log serve, or a Loki.

A query of numbers (rate, count_over_time, sum by …) answers for one instant, --until, of files the time of their last line; with --step it
answers for many, which a terminal draws. $__range in a query is the time between --since and --until, $__interval is --step.

Terminals show lines in the colour of their level, with the time where lines come from a store; pipes get the lines as they are, with
--labels time, labels and line between tabs; of numbers time, labels and value. --json: a line {timestamp, timestamp_ns, line, labels,
stream}; of numbers a document {result_type, series: [{labels, points: [{timestamp, value}]}], totals: {blocks, skipped_blocks, damaged_blocks,
read_bytes, entries}}.

Exit codes: 0 there is an answer; 1 nothing was found; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed, or
has damaged blocks, or a file is damaged: what they had is missing in the answer, and a document of --json has {error: {code, message, hint}} beside it.`;
  static override examples = [
    {
      description: 'Lines of files that have a text',
      command: `printf '%s\\n' '2026-01-31T12:00:00Z level=error msg=timeout status=504' '2026-01-31T12:00:01Z level=info msg=ok status=200' > app.log
<%= config.bin %> <%= command.id %> timeout app.log`,
    },
    {
      description: 'By what the lines say',
      command: `<%= config.bin %> <%= command.id %> '{} | logfmt | status >= 500' app.log`,
    },
    {
      description: 'A log, what it was rotated to, and stdin',
      command: `gzip -c app.log > app.log.1.gz
echo '2026-01-31T12:05:00Z level=error msg=refused status=500' > app.log
echo '2026-01-31T12:05:01Z level=error msg=piped status=500' | <%= config.bin %> <%= command.id %> '{} |= "error"' 'app.log*' -`,
    },
    {
      description: 'How many lines of each level',
      command: `<%= config.bin %> <%= command.id %> 'sum by (level) (count_over_time({} | logfmt [$__range]))' app.log`,
    },
    {
      description: 'The store, the newest first',
      command: `<%= config.bin %> log ship --once app.log
<%= config.bin %> <%= command.id %> '{filename=~".*app.log"}' --since 2026-01-01 --direction backward --limit 1`,
    },
  ];
  static override args = {
    query: Args.string({ required: true, description: 'LogQL, or a text; files may follow' }),
  };
  static override flags = {
    ...targetFlags('log'),
    ...textFlags(askFlags),
    limit: countFlag({
      description: `lines at the most (default: on a terminal, of a store, ${SCREENFUL}, else all)`,
    }),
    direction: Flags.option({ options: directions, default: 'forward', description: 'which come first' })(),
    follow: Flags.boolean({
      char: 'f',
      exclusive: ['until', 'step'],
      description: 'then lines as they arrive, until interrupted',
    }),
    labels: Flags.boolean({ char: 'L', description: 'time and labels beside each line' }),
    step: durationFlag({ min: 1, description: 'of numbers: one for each so long, instead of one' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LogQuery);
    const asking = this.ask(Asking, argv, flags);
    const range = asking.range();
    if (flags.step !== undefined && !asking.isMetric) {
      throw cliErrors.error('usage.conflict', '--step is for queries of numbers', {
        hint: `for lines over time: ds log histogram ${JSON.stringify(argv[0])}`,
      });
    }
    const isFound = await asking.use((logs) =>
      asking.isMetric ? this.numbers(logs, asking, range, flags.step) : this.lines(logs, asking, range, flags),
    );
    return asking.end(isFound);
  }

  private async lines(
    { store }: OpenLogs,
    asking: Asking,
    range: TimeRange,
    { limit, direction, follow, labels }: LineFlags,
  ): Promise<boolean> {
    const { entryTexts } = await loadReport();
    const look = asking.look(labels);
    const most = limit ?? (look.form === 'terminal' && !asking.asksFiles ? SCREENFUL : undefined);
    let isEmpty = true;
    const entries = store.entries({
      query: asking.query,
      ...range,
      ...(most !== undefined && { limit: most }),
      direction,
    });
    for await (const text of entryTexts(entries, look)) {
      isEmpty = false;
      await this.out.bytes(text);
    }
    if (!follow) return !isEmpty;
    const { signal } = this.context;
    const tail = store.tail({ query: asking.query, start: range.end, signal });
    for await (const text of entryTexts(tail, look, true)) await this.out.bytes(text);
    return true;
  }

  private async numbers(
    logs: OpenLogs,
    asking: Asking,
    range: TimeRange,
    stepMs: number | undefined,
  ): Promise<boolean> {
    const { store, span } = logs;
    const { start, end } = span === undefined ? range : withinSpan(range, await span());
    const step = stepMs === undefined ? undefined : nanosOf(stepMs);
    const query = withVariables(asking.query, { range: end - start, step: step ?? end - start });
    const answer = await store.metric({ query, start, end, ...(step !== undefined && { step }) });
    const { metricJson, metricRows } = await loadReport();
    const rows = metricRows(answer.result);
    if (this.out.json) asking.document(metricJson(answer), () => {});
    else if (this.out.isTerminal && answer.result.kind === 'matrix') await this.plot(answer.result, { start, end });
    else await this.rows(rows);
    const { result } = answer;
    if (result.kind !== 'scalar' && result.series.length > MANY_SERIES) {
      this.out.note(`${result.series.length} series, one for each set of labels: sum by (level) (…) has fewer`);
    }
    return rows.length > 0;
  }

  private async rows(rows: readonly { readonly timestamp: number; readonly labels: string; readonly value: number }[]) {
    const { numberText } = await loadReport();
    const columns: Column<(typeof rows)[number]>[] = [
      { header: 'time', value: ({ timestamp }) => isoTime(timestamp) },
      { header: 'series', value: ({ labels }) => labels },
      { header: 'value', value: ({ value }) => numberText(value), align: 'right' },
    ];
    if (rows.length > 0) this.out.table(columns, rows);
  }

  private async plot(result: MetricResult, { start, end }: TimeRange): Promise<void> {
    const { drawnSeries } = await loadReport();
    const { drawn, left } = drawnSeries(result.kind === 'matrix' ? result.series : []);
    const unicode = speaksUnicode(this.context.env);
    const formatX = (seconds: number) =>
      isoTime(seconds * 1000)
        .slice(5, 19)
        .replace('T', ' ');
    const { width, paintStdout: paint } = this.out;
    const wide = { width, fromX: millisOf(start) / 1000, toX: millisOf(end) / 1000, formatX };
    this.out.drawing(renderPlot(drawn, { ...wide, height: PLOT_HEIGHT, unicode, paint }));
    if (left > 0) this.out.note(`${left} more series are not drawn; a pipe gets all of them`);
  }
}

interface LineFlags {
  readonly limit: number | undefined;
  readonly direction: 'forward' | 'backward';
  readonly follow: boolean;
  readonly labels: boolean;
}
