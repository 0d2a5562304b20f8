import {
  Asking,
  askFlags,
  type Bucket,
  loadReport,
  nanosOf,
  type OpenLogs,
  type TimeRange,
  withinSpan,
} from '../../src/blocks/log/index.js';
import { AskCommand } from '../../src/platform/cli/ask-command.js';
import { Args, type Column, durationFlag, Flags, targetFlags, textFlags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { speaksUnicode } from '../../src/platform/cli/plot.js';

/** Without --step: no more bars than that. */
const USUAL_BUCKETS = 40;

export default class LogHistogram extends AskCommand {
  static override strict = false;
  static override usage = '[QUERY [FILE...]]';
  static override summary = 'draw how many lines there are over time, by level or by a label';
  static override description =
    `Query and files are those of ds log query; without a query everything is counted. The level of a line is that of its label level, else
what the line says of itself. --by takes any other label, those that a parser of the query finds, too; - stands for lines without it.

Terminals get a bar for each --step of time, the parts of it in colours: errors red, warnings yellow, what is no level by its share. Pipes get
time, value of the label and count, between tabs, of what is not 0; --json: {step_ms, by, buckets: [{timestamp, total, counts: {value: n}}]}.

Exit codes: 0 done; 1 nothing was found; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed, or
has damaged blocks: what they had is not counted; --json has {error: {code, message, hint}} then, too.`;
  static override examples = [
    {
      description: 'Of a file, by level',
      command: `printf '%s\\n' '2026-01-31T12:00:00Z INFO started' '2026-01-31T12:00:30Z ERROR timeout' '2026-01-31T12:02:00Z INFO done' > app.log
<%= config.bin %> <%= command.id %> '{}' app.log --step 1m`,
    },
    {
      description: 'Lines with a text, of the last day of the store',
      command: '<%= config.bin %> <%= command.id %> timeout --since 24h || true',
    },
    {
      description: 'By what lines say',
      command: `<%= config.bin %> <%= command.id %> '{} | pattern "<_> <word> <_>"' app.log --by word`,
    },
  ];
  static override args = { query: Args.string({ description: 'LogQL, or a text (default: all); files may follow' }) };
  static override flags = {
    ...targetFlags('log'),
    ...textFlags(askFlags),
    by: Flags.string({ default: 'level', helpValue: 'LABEL', description: 'what bars are divided by' }),
    step: durationFlag({ min: 1, description: `time of a bar (default: no more than ${USUAL_BUCKETS} bars)` }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LogHistogram);
    const asking = this.ask(Asking, argv, flags);
    if (asking.isMetric) {
      throw cliErrors.error('usage.conflict', 'a histogram is of lines, and the query is one of numbers', {
        hint: 'ds log query QUERY --step 1m draws those',
      });
    }
    const range = asking.range();
    const total = await asking.use((logs) => this.count(logs, asking, range, flags));
    return asking.end(total > 0);
  }

  /** Returns how many lines there are. */
  private async count(
    { store, span }: OpenLogs,
    asking: Asking,
    asked: TimeRange,
    { by, step: stepMs }: { readonly by: string; readonly step: number | undefined },
  ): Promise<number> {
    const { Histogram, histogramJson, stepFor } = await loadReport();
    const range = span === undefined ? asked : withinSpan(asked, await span());
    const step = stepMs === undefined ? stepFor(range, USUAL_BUCKETS) : nanosOf(stepMs);
    const histogram = new Histogram(range, step, by);
    for await (const entry of store.entries({ query: asking.query, ...range, direction: 'forward' }))
      histogram.add(entry);
    const { buckets } = histogram;
    const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0);
    if (this.out.json) asking.document(histogramJson(buckets, step, by), () => {});
    else if (total > 0) await this.show(buckets, step);
    return total;
  }

  private async show(buckets: readonly Bucket[], step: bigint): Promise<void> {
    const { histogramRows, renderHistogram } = await loadReport();
    if (this.out.isTerminal) {
      const { width, paintStdout: paint } = this.out;
      this.out.drawing(renderHistogram(buckets, { step, width, paint, unicode: speaksUnicode(this.context.env) }));
      return;
    }
    const columns: Column<ReturnType<typeof histogramRows>[number]>[] = [
      { header: 'time', value: ({ time }) => time },
      { header: 'value', value: ({ value }) => value },
      { header: 'entries', value: ({ count }) => count },
    ];
    this.out.table(columns, histogramRows(buckets));
  }
}
