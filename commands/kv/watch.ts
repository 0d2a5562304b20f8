import { kvUrl, readTarget, shownChange, typedBytes, watchChanges, withStore } from '../../src/blocks/kv/index.js';
import { Args, countFlag, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime } from '../../src/platform/relative-time.js';

export default class KvWatch extends DsCommand {
  static override summary = 'stream changes of keys as NDJSON';
  static override description =
    `A line for each change, in their order, from now on or from a revision on; until it is interrupted. Who remembers the last revision that was
told goes on with the next one, and misses nothing: the store keeps a history of 100,000 changes (ds kv serve --history).

{revision, at, change, key, type, value, expires_at}; change is put, delete, expire, or flush, which emptied the database and has no key. A put
of a collection has count in place of value; expire is told where a ds kv serve runs, which sweeps. Bytes that are not UTF-8 are
{"base64": "…"}. With --json as without it. A change is told within 100 ms. A Redis keeps no history: it is refused.

Exit codes: 0 interrupted, or --count changes told; 1 the revision is older than the history, or beyond the last one; 2 bad input, or a
Redis; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'All that was ever changed, the first two',
      command: `<%= config.bin %> kv put user:1 ada && <%= config.bin %> kv put user:2 grace
<%= config.bin %> <%= command.id %> --from-revision 1 --count 2`,
    },
    { description: 'What is changed now', command: 'timeout 1 <%= config.bin %> <%= command.id %> user: || true' },
    {
      description: 'From where one left off',
      command: '<%= config.bin %> <%= command.id %> user: --from-revision 2 --count 1',
    },
  ];
  static override args = { prefix: Args.string({ description: 'what the keys begin with (default: all)' }) };
  static override flags = {
    ...targetFlags('kv'),
    'from-revision': countFlag({ description: 'the first change that is told (default: the next one)' }),
    count: countFlag({ char: 'n', description: 'end after so many (default: never)' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(KvWatch);
    const target = readTarget(resolveTarget(flags, 'kv', this.context, kvUrl), flags);
    const { 'from-revision': from, count: most } = flags;
    const { clock, signal } = this.context;
    const request = {
      prefix: typedBytes(args.prefix ?? ''),
      signal,
      ...(from === undefined ? {} : { from }),
      ...(most === undefined ? {} : { most }),
    };
    await withStore(target, this.context, async (store) => {
      for await (const change of watchChanges(store, clock, request)) {
        await this.out.lines(Buffer.from(`${JSON.stringify(shownChange(change, isoTime))}\n`));
      }
    });
  }
}
