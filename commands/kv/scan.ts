import {
  keyPages,
  kvUrl,
  readTarget,
  shownBytes,
  shownKey,
  typedBytes,
  valueTypes,
  withStore,
} from '../../src/blocks/kv/index.js';
import { countFlag, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { showPages } from '../../src/platform/cli/paged-table.js';
import { isoTime } from '../../src/platform/relative-time.js';

export default class KvScan extends DsCommand {
  static override summary = 'find keys by a pattern';
  static override description =
    `Patterns are those of Redis: * for any bytes, ? for one, [a-z], [^a], and \\ before what is meant as itself; quote them for the shell. One with
a fixed beginning looks only at the keys that have it. Millions of keys take no more memory than a few.

Pipes get key and type, between tabs; tabs and line ends within a key are written \\t and \\n there. --json: a line for each key, {key, type,
expires_at}; bytes that are not UTF-8 are {"base64": "…"}. Streams, which only a Redis has, are left out.

Exit codes: 0 done; 1 there is no such key; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Sessions of some users',
      command: `<%= config.bin %> kv put session:1:a x && <%= config.bin %> kv put session:2:b y
<%= config.bin %> <%= command.id %> --match 'session:[12]:*'`,
    },
    { description: 'Strings only', command: '<%= config.bin %> <%= command.id %> --type string' },
    {
      description: 'To remove what is found',
      command: `<%= config.bin %> <%= command.id %> --match 'session:*' | cut -f1 | tr '\\n' '\\0' | xargs -0 -r <%= config.bin %> kv delete --yes`,
    },
  ];
  static override flags = {
    ...targetFlags('kv'),
    match: Flags.string({ helpValue: 'PATTERN', description: 'keys that fit it (default: all)' }),
    type: Flags.option({ options: valueTypes, description: 'keys that hold this' })(),
    limit: countFlag({ description: 'at most so many (default: all)' }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(KvScan);
    const target = readTarget(resolveTarget(flags, 'kv', this.context, kvUrl), flags);
    const { match, type, limit } = flags;
    const request = {
      ...(match === undefined ? {} : { match: typedBytes(match) }),
      ...(type === undefined ? {} : { type }),
      ...(limit === undefined ? {} : { most: limit }),
    };
    const count = await withStore(target, this.context, (store) =>
      showPages(this.out, keyPages(store, request), {
        columns: [
          { header: 'key', value: ({ key }) => shownBytes(key), keep: true },
          { header: 'type', value: (key) => key.type },
        ],
        toJson: (key) => shownKey(key, isoTime),
      }),
    );
    if (count === 0 && this.out.isTerminal) this.out.note('there are none');
    return count === 0 ? 1 : 0;
  }
}
