import { seqOptions } from '../../src/blocks/seq/index.js';
import { BenchCommand, benchFlags } from '../../src/platform/cli/bench-command.js';
import { countFlag, Flags } from '../../src/platform/cli/command.js';
import { CommandTemplate, KEY } from '../../src/platform/load/resp/template.js';

export default class SeqBench extends BenchCommand {
  static override summary = 'measure how many tickets or IDs a server gives';
  static override description =
    `Sends INCR of each of --keys sequences in turn, or with --ids SEQ.NEXT of a layout, to the server of --url: a ds seq serve, or
for INCR a Redis or Valkey. Without a URL a daemon of its own is started on a free port and an empty file, and stopped
afterwards; each number of it is on disk before it is answered. Sequences are called ds-bench:….

As fast as answers come, on all connections, unless there is a --rate: then latency is told from the intended start, too.

Pipes get a name and a value on each line, between tabs; --json prints the document of ds limit load.

Exit codes: 0 measured; 1 nothing was answered, or nothing but errors; 2 bad input; 3 the server could not be reached; 4 a file
could not be written; 130 interrupted, after the report.`;
  static override examples = [
    { description: 'Tickets, on this machine and its disk', command: '<%= config.bin %> <%= command.id %> -d 2s' },
    {
      description: 'IDs, a hundred with each request',
      command: '<%= config.bin %> <%= command.id %> --ids twitter --batch 100 -d 2s',
    },
    {
      description: 'A running daemon, at a steady rate; a Redis would do',
      command: `<%= config.bin %> seq serve --detach
<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6390 --rate 500/s -d 2s
<%= config.bin %> down seq`,
    },
  ];
  static override flags = {
    ...benchFlags('seq'),
    ids: Flags.string({
      helpValue: 'LAYOUT',
      helpGroup: 'LOAD',
      description: 'ask for IDs of this layout, not for tickets',
    }),
    batch: countFlag({
      max: 10_000,
      dependsOn: ['ids'],
      helpGroup: 'LOAD',
      description: 'IDs of each request (default: 1)',
    }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(SeqBench);
    const command: (string | typeof KEY)[] =
      flags.ids === undefined ? ['INCR', KEY] : ['SEQ.NEXT', flags.ids, String(flags.batch ?? 1)];
    return this.bench(
      {
        block: 'seq',
        options: seqOptions,
        noun: 'a sequencer',
        port: 6390,
        command: new CommandTemplate(command, flags.keys),
        classes: [
          { name: 'given', tone: 'good' },
          { name: 'error', tone: 'wrong' },
        ],
        classify: () => 0,
      },
      flags,
    );
  }
}
