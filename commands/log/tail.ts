import { ALL_TIME, Asking, askFlags, loadReport, nanosOf, USUAL_RANGE_MS } from '../../src/blocks/log/index.js';
import { AskCommand } from '../../src/platform/cli/ask-command.js';
import { Args, countFlag, Flags, targetFlags, textFlags } from '../../src/platform/cli/command.js';

const DEFAULT_COUNT = 10;

export default class LogTail extends AskCommand {
  static override strict = false;
  static override usage = '[QUERY [FILE...]]';
  static override summary = 'show the last lines, then each one as it arrives';
  static override description =
    `Query and files are those of ds log query; without a query everything is shown. Of files the names are followed: one that was rotated
away is read to its end, then the new one. Ends when it is interrupted, with exit code 0.

Terminals, pipes and --json get lines as by ds log query, each at once.

Exit codes: 0 it was interrupted; 2 bad input; 3 the server could not be reached, or ended it; 4 the store failed, or has
damaged blocks: what they had is missing.`;
  static override examples = [
    { description: 'What comes into the store', command: 'timeout 1 <%= config.bin %> <%= command.id %> || true' },
    {
      description: 'Errors of a file that is written',
      command: `echo 'level=error msg=timeout' > app.log
timeout 1 <%= config.bin %> <%= command.id %> error app.log || true`,
    },
    { description: 'New ones only', command: "timeout 1 <%= config.bin %> <%= command.id %> '{}' -n 0 --json || true" },
  ];
  static override args = { query: Args.string({ description: 'LogQL, or a text (default: all); files may follow' }) };
  static override flags = {
    ...targetFlags('log'),
    ...textFlags({ tenant: askFlags.tenant, 'token-file': askFlags['token-file'], timezone: askFlags.timezone }),
    count: countFlag({ char: 'n', min: 0, max: 100_000, default: DEFAULT_COUNT, description: 'lines to begin with' }),
    labels: Flags.boolean({ char: 'L', description: 'time and labels beside each line' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LogTail);
    const asking = this.ask(Asking, argv, flags);
    const { query, asksFiles } = asking;
    const look = asking.look(flags.labels);
    const { entryTexts } = await loadReport();
    const { signal, clock } = this.context;
    await asking.hintAtFile();
    await asking.use(async ({ store }) => {
      const now = nanosOf(clock.now());
      const range = asksFiles ? ALL_TIME : { start: now - nanosOf(USUAL_RANGE_MS), end: now };
      const last = [];
      if (flags.count > 0) {
        const request = { query, ...range, direction: 'backward', limit: flags.count, signal } as const;
        for await (const entry of store.entries(request)) last.push(entry);
      }
      const before = last.reverse();
      async function* all() {
        yield* before;
        yield* store.tail({ query, start: now, signal });
      }
      for await (const text of entryTexts(all(), look, true)) await this.out.bytes(text);
    });
    return asking.end();
  }
}
