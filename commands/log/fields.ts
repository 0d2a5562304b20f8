import { Asking, askFlags, type FieldReport, loadReport } from '../../src/blocks/log/index.js';
import { AskCommand } from '../../src/platform/cli/ask-command.js';
import { Args, type Column, countFlag, targetFlags, textFlags } from '../../src/platform/cli/command.js';

const DEFAULT_SAMPLE = 10_000;
const DEFAULT_TOP = 3;

export default class LogFields extends AskCommand {
  static override strict = false;
  static override usage = '[QUERY [FILE...]]';
  static override summary = 'list the fields that entries have, and their values';
  static override description =
    `Labels of streams, structured metadata, and what JSON and logfmt in the lines say, under the names that | json and | logfmt have for
it. Query and files are those of ds log query; without a query it is everything. What is looked at is a sample: the newest entries of the
time that is asked about, of files their first ones.

Pipes get name, source (stream, metadata, json, logfmt), type (number, boolean, duration, bytes, text), entries that have it, different
values, and the most frequent values with their counts, between tabs. --json: {entries, fields: [{name, source, type, entries,
distinct, distinct_is_least, top: [{value, entries}]}]}.

Exit codes: 0 done; 1 nothing was found; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed, or has
damaged blocks: what they had is not counted; --json has {error: {code, message, hint}} then, too.`;
  static override examples = [
    {
      description: 'Of a file',
      command: `printf '%s\\n' 'level=info status=200 took=12ms' 'level=error status=504 took=2s' > app.log
<%= config.bin %> <%= command.id %> '{}' app.log`,
    },
    {
      description: 'Of some of the lines, with more values',
      command: `<%= config.bin %> <%= command.id %> error app.log --top 10`,
    },
    {
      description: 'Those with few values, for a program',
      command: `<%= config.bin %> <%= command.id %> '{}' app.log --json | grep -o '"name":"[a-z]*"'`,
    },
  ];
  static override args = { query: Args.string({ description: 'LogQL, or a text (default: all); files may follow' }) };
  static override flags = {
    ...targetFlags('log'),
    ...textFlags(askFlags),
    sample: countFlag({ default: DEFAULT_SAMPLE, description: 'entries that are looked at, at the most' }),
    top: countFlag({ default: DEFAULT_TOP, max: 100, description: 'values of each field that are shown' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LogFields);
    const asking = this.ask(Asking, argv, flags);
    const range = asking.range();
    const { FieldCounter } = await loadReport();
    const counter = new FieldCounter();
    await asking.use(async ({ store }) => {
      const direction = asking.asksFiles ? 'forward' : 'backward';
      const sample = store.entries({ query: asking.query, ...range, direction, limit: flags.sample });
      for await (const entry of sample) counter.add(entry);
    });
    const fields = counter.report(flags.top);
    asking.document({ entries: counter.entries, fields: fields.map(fieldJson) }, () =>
      this.show(fields, counter.entries),
    );
    return asking.end(counter.entries > 0);
  }

  private show(fields: readonly FieldReport[], entries: number): void {
    const columns: Column<FieldReport>[] = [
      { header: 'field', value: ({ name }) => name, keep: true },
      { header: 'from', value: ({ source }) => source },
      { header: 'type', value: ({ type }) => type },
      { header: 'entries', value: (field) => field.entries },
      {
        header: 'values',
        value: ({ distinct }) => distinct,
        display: (field) => `${field.distinct}${field.isLeast ? '+' : ''}`,
      },
      {
        header: 'most frequent',
        value: ({ top }) => top.map(({ value, entries: count }) => `${value} (${count})`).join(', '),
      },
    ];
    if (fields.length > 0) this.out.table(columns, fields);
    if (this.out.isTerminal && entries > 0) this.out.line(`${entries} entries were looked at`, 'dim');
  }
}

function fieldJson({ name, source, type, entries, distinct, isLeast, top }: FieldReport) {
  return { name, source, type, entries, distinct, distinct_is_least: isLeast, top };
}
