import { blobUrl, loadLifecycle, readBucket, withBlobs } from '../../../src/blocks/blob/index.js';
import {
  Args,
  countFlag,
  DsCommand,
  Flags,
  quoteForShell,
  resolveTarget,
  targetFlags,
} from '../../../src/platform/cli/command.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';
import { readInput } from '../../../src/platform/cli/input.js';

/** Of a document: S3 has at most 1,000 rules in one. */
const MOST_BYTES = 1 << 20;

export default class BlobLifecycleSet extends DsCommand {
  static override summary = 'set, or delete, what becomes of old objects, versions and uploads';
  static override description =
    `The rules of a bucket, in place of those that were there: one by flags, or a document as S3 has it (LifecycleConfiguration). They are
carried out by ds blob serve from time to time, and by ds blob lifecycle run. Days end at midnight UTC, as in S3. What ds blob does not carry
out, such as transitions to other storage classes, is refused.

Pipes get the bucket and "set" or "deleted", between tabs. --json as of ds blob lifecycle show.

Exit codes: 0 done; 1 there is no such bucket; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed.`;
  static override examples = [
    {
      description: 'Logs go after thirty days',
      command: `<%= config.bin %> blob bucket create logs
<%= config.bin %> <%= command.id %> logs --prefix app/ --expire-days 30`,
    },
    {
      description: 'Old versions after a week, but for the last three; broken uploads after a day',
      command: '<%= config.bin %> <%= command.id %> logs --noncurrent-days 7 --keep-versions 3 --abort-days 1',
    },
    {
      description: 'A document, as other tools have it',
      command: `<%= config.bin %> blob lifecycle show logs > lifecycle.xml
<%= config.bin %> <%= command.id %> logs lifecycle.xml`,
    },
    { description: 'None any more', command: '<%= config.bin %> <%= command.id %> logs --delete' },
  ];
  static override args = {
    bucket: Args.string({ required: true, description: 'the bucket' }),
    file: Args.string({ description: 'XML document; - is stdin' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    prefix: Flags.string({ helpValue: 'TEXT', description: 'only keys that begin with it' }),
    tag: Flags.string({
      helpValue: 'NAME=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      description: 'only objects with this tag',
    }),
    'expire-days': countFlag({ max: 36_500, description: 'objects are deleted after so many days' }),
    'noncurrent-days': countFlag({ max: 36_500, description: 'versions, so many days after they were replaced' }),
    'keep-versions': countFlag({ max: 100, description: 'so many noncurrent versions of each object stay' }),
    'abort-days': countFlag({ max: 36_500, description: 'uploads in parts that are not completed' }),
    delete: Flags.boolean({ description: 'delete all rules' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobLifecycleSet);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const bucket = readBucket(args.bucket);
    const { lifecycleXml, readLifecycleXml, ruleJson } = await loadLifecycle();
    const { delete: isDelete, prefix, tag, ...days } = flags;
    const hasRule = [
      prefix,
      tag,
      days['expire-days'],
      days['noncurrent-days'],
      days['keep-versions'],
      days['abort-days'],
    ];
    const ways = [isDelete, args.file !== undefined, hasRule.some((flag) => flag !== undefined)].filter(Boolean).length;
    if (ways > 1) {
      throw cliErrors.error('usage.conflict', 'a document, flags of a rule and --delete exclude each other', {
        hint: `ds blob lifecycle set ${quoteForShell(args.bucket)} --expire-days 30`,
      });
    }
    const xml = isDelete
      ? undefined
      : args.file === undefined
        ? lifecycleXml(flags)
        : await readInput(args.file, MOST_BYTES);
    const rules = xml === undefined ? [] : readLifecycleXml(Buffer.from(xml)).map(ruleJson);
    await withBlobs(target, this.context, (store) => store.setDocument(bucket, 'lifecycle', xml));
    this.out.document({ bucket, rules }, () => {
      const what = isDelete ? 'deleted' : 'set';
      this.out.line(this.out.isTerminal ? `lifecycle of ${bucket} ${what}` : `${bucket}\t${what}`);
    });
  }
}
