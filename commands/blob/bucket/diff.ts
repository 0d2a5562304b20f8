import {
  type BucketDifference,
  blobUrl,
  loadDiff,
  loadReport,
  readBucket,
  withBlobPair,
} from '../../../src/blocks/blob/index.js';
import {
  Args,
  DsCommand,
  Flags,
  resolveTarget,
  resolveToTarget,
  targetFlags,
  toTargetFlags,
} from '../../../src/platform/cli/command.js';

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;
const COLORS = { added: 'green', removed: 'red', changed: 'yellow' } as const;

export default class BlobBucketDiff extends DsCommand {
  static override summary = 'show what differs between two buckets, or two stores';
  static override description =
    `From the first one to the second: by key, size and ETag. Both are read in pages, so that it does not matter how large they are. With --to-db or
--to-url the second one is in another store.

Pipes get + (only in the second), - (only in the first) or ~ (changed), key, bytes before and bytes after, between tabs. --json prints a line
each: {change: added | removed | changed, key, before: {size_bytes, etag, modified_at}, after: {the same}}.

Exit codes, as diff: 0 no difference; 1 there are some, or there is no such bucket; 2 bad input; 3 a server could not be reached, or refused; 4
a store failed.`;
  static override examples = [
    {
      description: 'What has changed since a snapshot',
      command: `<%= config.bin %> blob bucket create photos
<%= config.bin %> blob bucket snapshot photos photos-monday
echo hello | <%= config.bin %> blob put - photos/hello.txt
<%= config.bin %> <%= command.id %> photos-monday photos || echo 'differs, as told by exit code 1'`,
    },
    {
      description: 'Is a copy complete?',
      command: `<%= config.bin %> blob bucket clone photos photos-copy
<%= config.bin %> <%= command.id %> photos photos-copy && echo the same`,
    },
    {
      description: 'What is new, by its key',
      command:
        "{ <%= config.bin %> <%= command.id %> photos-monday photos || true; } | awk -F '\\t' '$1 == \"+\" {print $2}'",
    },
  ];
  static override args = {
    before: Args.string({ required: true, description: 'BUCKET' }),
    after: Args.string({ required: true, description: 'BUCKET' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    ...toTargetFlags(),
    prefix: Flags.string({ helpValue: 'TEXT', description: 'only keys that begin with it' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { args, flags } = await this.parse(BlobBucketDiff);
    const first = resolveTarget(flags, 'blob', this.context, blobUrl);
    const second = resolveToTarget(flags, first, 'blob', this.context, blobUrl);
    const [before, after] = [readBucket(args.before), readBucket(args.after)];
    const { diffBuckets } = await loadDiff();
    const { differenceJson } = await loadReport();
    const differs = await withBlobPair([first, second], this.context, async ({ from, to }) => {
      const sides = [
        { store: from, bucket: before },
        { store: to, bucket: after },
      ] as const;
      let found = false;
      for await (const difference of diffBuckets(...sides, flags.prefix ?? '')) {
        found = true;
        if (this.out.json) this.out.item(differenceJson(difference), '');
        else this.show(difference);
      }
      return found;
    });
    if (!differs && this.out.isTerminal) this.out.note(`no difference between ${before} and ${after}`);
    return differs ? 1 : undefined;
  }

  private show(difference: BucketDifference): void {
    const { change } = difference;
    const before = change === 'added' ? undefined : difference.before;
    const after = change === 'removed' ? undefined : difference.after;
    const key = after?.key ?? before?.key ?? '';
    if (this.out.isTerminal) this.out.line(`${SIGNS[change]} ${key}`, COLORS[change]);
    else this.out.record([SIGNS[change], key, before?.size, after?.size]);
  }
}
