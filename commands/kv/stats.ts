import { kvUrl, readTarget, type StoreStats, withStore } from '../../src/blocks/kv/index.js';
import { type Column, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { formatSize } from '../../src/platform/units.js';

type Row = StoreStats['databases'][number];

export default class KvStats extends DsCommand {
  static override summary = 'tell how much is stored';
  static override description =
    `Of each database that has keys: how many, and how many of them expire; those that have expired count until they are swept. Of the
store: its last revision, the first one that ds kv watch can go back to, changes that are still to be folded, and bytes of the file, or of
a Redis's memory.

Pipes get database, keys and those that expire, between tabs. --json: {server, version, databases: [{database, keys, expiring}], revision,
first_revision, unfolded_keys, size_bytes}; what a Redis does not have is absent.

Exit codes: 0 told; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Of the file',
      command: '<%= config.bin %> kv put greeting hello\n<%= config.bin %> <%= command.id %>',
    },
    { description: 'For a program', command: '<%= config.bin %> <%= command.id %> --json' },
    { description: 'Of a Redis', command: '<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6379' },
  ];
  static override flags = { ...targetFlags('kv') };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(KvStats);
    const target = readTarget(resolveTarget(flags, 'kv', this.context, kvUrl), flags);
    const stats = await withStore(target, this.context, (store) => store.stats());
    const databases = stats.databases.filter(({ keys }) => keys > 0);
    const { server, version, revision, firstRevision, unfoldedKeys, bytes } = stats;
    const record = {
      server,
      ...(version === undefined ? {} : { version }),
      databases,
      ...(revision === undefined ? {} : { revision }),
      ...(firstRevision === undefined ? {} : { first_revision: firstRevision }),
      ...(unfoldedKeys === undefined ? {} : { unfolded_keys: unfoldedKeys }),
      ...(bytes === undefined ? {} : { size_bytes: bytes }),
    };
    this.out.document(record, () => {
      if (this.out.isTerminal) this.out.line(summaryOf(stats));
      if (databases.length > 0 || !this.out.isTerminal) this.out.table(columns, databases);
      else this.out.note('nothing is stored yet; ds kv put KEY VALUE does that');
    });
  }
}

function summaryOf({ server, version, revision, unfoldedKeys, bytes }: StoreStats): string {
  return [
    server === 'ds' ? 'ds kv serve' : server,
    ...(version === undefined ? [] : [version]),
    ...(bytes === undefined ? [] : [formatSize(bytes)]),
    ...(revision === undefined ? [] : [`revision ${revision.toLocaleString('en-US')}`]),
    ...(unfoldedKeys === undefined ? [] : [`${unfoldedKeys.toLocaleString('en-US')} keys to be folded`]),
  ].join('  ');
}

const columns: Column<Row>[] = [
  { header: 'database', value: ({ database }) => database },
  { header: 'keys', value: ({ keys }) => keys, display: ({ keys }) => keys.toLocaleString('en-US') },
  {
    header: 'expiring',
    value: ({ expiring }) => expiring,
    display: ({ expiring }) => expiring.toLocaleString('en-US'),
  },
];
