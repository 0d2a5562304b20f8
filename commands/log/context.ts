import { Asking, askFlags, loadReport } from '../../src/blocks/log/index.js';
import { AskCommand } from '../../src/platform/cli/ask-command.js';
import { Args, countFlag, Flags, targetFlags, textFlags } from '../../src/platform/cli/command.js';

const DEFAULT_LINES = 5;
const MOST_LINES = 10_000;
const DEFAULT_MATCHES = 20;

export default class LogContext extends AskCommand {
  static override strict = false;
  static override usage = 'QUERY [FILE...]';
  static override summary = 'show what stands around the lines that a query selects';
  static override description =
    `Query and files are those of ds log query. Of files it is the lines before and after in the file, as grep -C has them; of a store or a
server the entries before and after in the same stream, within a day. Groups that are not next to each other have a line -- between them.

Pipes get > or a blank, a tab, and the line; terminals the lines, what is not selected dim. --json: a line {kind: match|context, timestamp,
timestamp_ns, line, labels, stream}, and {kind: gap} between groups.

Exit codes: 0 something was found; 1 nothing; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed, or
has damaged blocks: what they had is missing.`;
  static override examples = [
    {
      description: 'Of a file',
      command: `seq -f 'line %g' 100 > app.log
<%= config.bin %> <%= command.id %> 'line 50' app.log -C 2`,
    },
    {
      description: 'Of the store, of the last day',
      command: `<%= config.bin %> log ship --once app.log
<%= config.bin %> <%= command.id %> 'line 50' --since 24h -B 3 -A 0`,
    },
    {
      description: 'For a program',
      command: `<%= config.bin %> <%= command.id %> 'line 50' app.log -C 1 --json | head -n 3`,
    },
  ];
  static override args = {
    query: Args.string({ required: true, description: 'LogQL, or a text; files may follow' }),
  };
  static override flags = {
    ...targetFlags('log'),
    ...textFlags(askFlags),
    before: countFlag({ char: 'B', min: 0, max: MOST_LINES, description: `lines before (default: --context)` }),
    after: countFlag({ char: 'A', min: 0, max: MOST_LINES, description: 'lines after (default: --context)' }),
    context: countFlag({
      char: 'C',
      min: 0,
      max: MOST_LINES,
      default: DEFAULT_LINES,
      description: 'lines before and after',
    }),
    limit: countFlag({ default: DEFAULT_MATCHES, description: 'lines that are selected, at the most' }),
    labels: Flags.boolean({ char: 'L', description: 'time and labels beside each line' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LogContext);
    const asking = this.ask(Asking, argv, flags);
    const range = asking.range();
    const { before = flags.context, after = flags.context, limit } = flags;
    const { contextText } = await loadReport();
    const look = asking.look(flags.labels);
    let isEmpty = true;
    await asking.use(async (logs) => {
      for await (const line of logs.context({ query: asking.query, ...range, before, after, limit })) {
        isEmpty = false;
        await this.out.bytes(contextText(line, look));
      }
    });
    return asking.end(!isEmpty);
  }
}
