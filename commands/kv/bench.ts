import { fillStore, kvOptions } from '../../src/blocks/kv/index.js';
import { BenchCommand, benchFlags } from '../../src/platform/cli/bench-command.js';
import { countFlag, sizeFlag } from '../../src/platform/cli/command.js';
import { benchKey, CommandMix, CommandTemplate, KEY } from '../../src/platform/load/resp/template.js';

export default class KvBench extends BenchCommand {
  static override summary = 'measure how many GETs and SETs a server answers';
  static override description =
    `Sends SET and GET of --keys keys in turn, woven into each other by --reads, to the server of --url: a ds kv serve, a Redis or Valkey. Without
a URL a daemon of its own is started on a free port and an empty file, and stopped afterwards; each SET of it is on disk before it is
answered. Keys are called ds-bench:…; where there are reads all of them are stored before it begins, and they stay.

As fast as answers come, on all connections, unless there is a --rate: then latency is told from the intended start, too.

Pipes get a name and a value on each line, between tabs; --json prints the document of ds limit load.

Exit codes: 0 measured; 1 nothing was answered, or nothing but errors; 2 bad input; 3 the server could not be reached; 4 a file
could not be written; 130 interrupted, after the report.`;
  static override examples = [
    {
      description: 'Half and half, on this machine and its disk',
      command: '<%= config.bin %> <%= command.id %> -d 2s',
    },
    {
      description: 'Durable writes only, many under way',
      command: '<%= config.bin %> <%= command.id %> --reads 0 -P 32 -d 2s',
    },
    {
      description: 'A running daemon or a Redis, nine reads to a write',
      command: '<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6379 --reads 90 -d 2s',
    },
  ];
  static override flags = {
    ...benchFlags('kv'),
    reads: countFlag({ min: 0, max: 100, default: 50, helpGroup: 'LOAD', description: 'GETs of a hundred requests' }),
    size: sizeFlag({ min: 0, max: 8_388_608, default: 64, helpGroup: 'LOAD', description: 'of a value' }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(KvBench);
    const value = 'x'.repeat(flags.size);
    const get = new CommandTemplate(['GET', KEY], flags.keys);
    const set = new CommandTemplate(['SET', KEY, value], flags.keys);
    const prepare = (url: string) => fillStore({ kind: 'url', url }, this.context, keysUpTo(flags.keys), value);
    return this.bench(
      {
        block: 'kv',
        options: kvOptions,
        noun: 'a key-value store',
        port: 6379,
        command: new CommandMix(get, set, flags.reads),
        classes: [
          { name: 'answered', tone: 'good' },
          { name: 'error', tone: 'wrong' },
        ],
        classify: () => 0,
        ...(flags.reads > 0 && { prepare }),
      },
      flags,
    );
  }
}

function* keysUpTo(count: number): Generator<string> {
  for (let number = 0; number < count; number++) yield benchKey(number);
}
