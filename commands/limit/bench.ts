import { limitOptions } from '../../src/blocks/limit/index.js';
import { BenchCommand, benchFlags } from '../../src/platform/cli/bench-command.js';
import { CommandTemplate, KEY } from '../../src/platform/load/resp/template.js';

/** Allowed all the time: it is the counting that is measured. */
const UNLIMITED = ['1000000', '1000000', '1'];

export default class LimitBench extends BenchCommand {
  static override summary = 'measure how many checks a limiter answers';
  static override description =
    `Sends CL.THROTTLE of a limit of a million a second, for each of --keys keys in turn, to the server of --url: a ds limit serve,
or another one that knows the command. Without a URL a daemon of its own is started on a free port and an empty file, and
stopped afterwards; each answer of it is on disk. Keys are called ds-bench:….

As fast as answers come, on all connections, unless there is a --rate: then latency is told from the intended start, too.

Pipes get a name and a value on each line, between tabs; --json prints the document of ds limit load.

Exit codes: 0 measured; 1 nothing was answered, or nothing but errors; 2 bad input; 3 the server could not be reached; 4 a file
could not be written; 130 interrupted, after the report.`;
  static override examples = [
    { description: 'This machine and its disk', command: '<%= config.bin %> <%= command.id %> -d 2s' },
    {
      description: 'Sixteen requests under way on each connection, a million keys',
      command: '<%= config.bin %> <%= command.id %> -d 2s -P 16 --keys 1e6',
    },
    {
      description: 'A running daemon, at a steady rate',
      command: `<%= config.bin %> limit serve --detach
<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6391 --rate 500/s -d 2s
<%= config.bin %> down limit`,
    },
  ];
  static override flags = benchFlags('limit');

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(LimitBench);
    return this.bench(
      {
        block: 'limit',
        options: limitOptions,
        noun: 'a rate limiter',
        port: 6391,
        command: new CommandTemplate(['CL.THROTTLE', KEY, ...UNLIMITED], flags.keys),
        classes: [
          { name: 'allowed', tone: 'good' },
          { name: 'limited', tone: 'attention' },
          { name: 'error', tone: 'wrong' },
        ],
        // The first of redis-cell's five numbers: 0 allowed, 1 limited.
        classify: (first) => (first === 0 ? 0 : first === 1 ? 1 : 2),
      },
      flags,
    );
  }
}
