import {
  keyPages,
  kvUrl,
  type ListedKey,
  readTarget,
  shownBytes,
  shownKey,
  typedBytes,
  withStore,
} from '../../src/blocks/kv/index.js';
import { Args, type Column, countFlag, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { showPages } from '../../src/platform/cli/paged-table.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class KvList extends DsCommand {
  static override summary = 'list keys in order, all or those with a prefix';
  static override description =
    `In the order of their bytes, a page at a time: millions of keys take no more memory than a few. A Redis has no order; there every key is gone
through, those that come and go meanwhile may be left out, and one may come twice.

Pipes get key, type and when it expires, between tabs; tabs and line ends within a key are written \\t and \\n there. --json: a line for each
key, {key, type, expires_at}; bytes that are not UTF-8 are {"base64": "…"}. Streams, which only a Redis has, are left out.

Exit codes: 0 listed, also when there are none; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Of users',
      command: `<%= config.bin %> kv put user:1 ada && <%= config.bin %> kv put user:2 grace --ttl 1h
<%= config.bin %> <%= command.id %> user:`,
    },
    { description: 'All of them, only the keys', command: '<%= config.bin %> <%= command.id %> | cut -f1' },
    {
      description: 'The first one, for a program',
      command: '<%= config.bin %> <%= command.id %> user: --limit 1 --json',
    },
  ];
  static override args = {
    prefix: Args.string({ description: 'what the keys begin with (default: all)' }),
  };
  static override flags = { ...targetFlags('kv'), limit: countFlag({ description: 'at most so many (default: all)' }) };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(KvList);
    const target = readTarget(resolveTarget(flags, 'kv', this.context, kvUrl), flags);
    const request = {
      prefix: typedBytes(args.prefix ?? ''),
      ...(flags.limit === undefined ? {} : { most: flags.limit }),
    };
    const now = this.context.clock.now();
    const columns: Column<ListedKey>[] = [
      { header: 'key', value: ({ key }) => shownBytes(key), keep: true },
      { header: 'type', value: ({ type }) => type },
      {
        header: 'expires',
        value: ({ expiresAt }) => (expiresAt === undefined ? undefined : isoTime(expiresAt)),
        display: ({ expiresAt }) => (expiresAt === undefined ? '' : relativeTime(expiresAt, now)),
      },
    ];
    const count = await withStore(target, this.context, (store) =>
      showPages(this.out, keyPages(store, request), { columns, toJson: (key) => shownKey(key, isoTime) }),
    );
    if (count > 0 || !this.out.isTerminal) return;
    const isPattern = /[*?[]/.test(args.prefix ?? '');
    this.out.note(`there are none${isPattern ? '; patterns are for ds kv scan --match' : ''}`);
  }
}
