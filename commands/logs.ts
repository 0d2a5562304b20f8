import { Args, countFlag, DsCommand, Flags } from '../src/platform/cli/command.js';
import { formatLogLine } from '../src/platform/daemon/log-format.js';
import { followLogs, showLogs } from '../src/platform/daemon/logs.js';

export default class Logs extends DsCommand {
  static override summary = 'show what daemons logged';
  static override description =
    `Of blocks run by ds up or with --detach; "up" is the log of ds up itself. A terminal gets one readable line a record;
a pipe and --json get the records as they were written, one JSON object a line.

Exit codes: 0 shown, or following was interrupted; 1 there is no such log.`;
  static override examples = [
    { description: 'The last lines of all blocks, in order of time', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'Follow one block, across rotation', command: '<%= config.bin %> <%= command.id %> -f seq' },
    {
      description: 'Count the warnings',
      command: `<%= config.bin %> <%= command.id %> -n 100000 seq | grep -c '"level":"warn"'`,
    },
  ];
  static override strict = false;
  static override args = { block: Args.string({ description: 'whose logs (default: all that there are)' }) };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on' }),
    count: countFlag({
      char: 'n',
      default: 50,
      min: 0,
      max: 10_000_000,
      description: 'how many lines of each to begin with',
    }),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(Logs);
    const { home, clock } = this.context;
    const pretty = this.out.isTerminal && !this.out.json;
    const onLine = (line: string) => this.out.bytes(`${pretty ? formatLogLine(line, this.out.paintStdout) : line}\n`);
    const logs = await showLogs({ home, blocks: argv.map(String), count: flags.count, onLine });
    if (flags.follow) await followLogs(logs, clock, this.context.signal, onLine);
  }
}
