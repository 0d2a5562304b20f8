import {
  FILE_ONLY,
  type LifecycleAction,
  loadLifecycle,
  loadReport,
  readBucket,
  withBlobFile,
} from '../../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';
import { EXIT_INTERRUPTED } from '../../../src/platform/cli/exit-codes.js';
import { formatSize } from '../../../src/platform/units.js';

export default class BlobLifecycleRun extends DsCommand {
  static override summary = 'carry out the rules of lifecycles now';
  static override description =
    `Of one bucket, or of all that have rules. Beside a daemon it does no harm: each deletion checks once more that the version is still the one that
was judged.

Pipes get bucket, action (expire, delete, abort_upload …), key, version or upload, bytes and the rule, between tabs. --json prints a line each:
{bucket, action, key, version_id or upload_id, size_bytes, rule_id}.

Exit codes: 0 done, also when nothing was due; 1 there is no such bucket, or it has no rules; 2 bad input; 4 the store failed; 130
interrupted, and the rest comes with the next run.`;
  static override examples = [
    {
      description: 'What would go?',
      command: `<%= config.bin %> blob bucket create logs
<%= config.bin %> blob lifecycle set logs --expire-days 30
<%= config.bin %> <%= command.id %> logs --dry-run`,
    },
    { description: 'Of all buckets', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'How much is it?',
      command: "<%= config.bin %> <%= command.id %> --dry-run | awk '{sum += $5} END {print sum + 0}'",
    },
  ];
  static override args = { bucket: Args.string({ description: 'only this one' }) };
  static override flags = {
    ...fileFlags('blob', FILE_ONLY),
    'dry-run': Flags.boolean({ description: 'say what would be done, and do nothing' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { args, flags } = await this.parse(BlobLifecycleRun);
    const path = resolveFile(flags, 'blob', this.context);
    const only = args.bucket === undefined ? undefined : readBucket(args.bucket);
    const { signal } = this.context;
    const { bucketsWithRules } = await loadLifecycle();
    const { sayObjects } = await loadReport();
    const dryRun = flags['dry-run'];
    let [done, bytes] = [0, 0];
    await withBlobFile(path, this.context, async (store) => {
      for await (const { bucket, rules } of bucketsWithRules(store, only)) {
        for await (const action of store.runLifecycle(bucket, rules, { dryRun, signal })) {
          done++;
          bytes += action.size;
          this.show(bucket, action);
        }
      }
    });
    if (this.out.isTerminal) this.out.note(`${sayObjects(done, bytes)} ${dryRun ? 'would go' : 'gone'}`);
    return signal.aborted ? EXIT_INTERRUPTED : undefined;
  }

  private show(bucket: string, done: LifecycleAction): void {
    const { action, key, size, ruleId } = done;
    const id = action === 'abort_upload' ? { upload_id: done.uploadId } : { version_id: done.versionId };
    if (this.out.json) this.out.item({ bucket, action, key, ...id, size_bytes: size, rule_id: ruleId }, '');
    else if (this.out.isTerminal)
      this.out.styled(`${bucket}/${key}`, ['dim', `  ${action}  ${formatSize(size)}  by ${ruleId}`]);
    else this.out.record([bucket, action, key, ...Object.values(id), size, ruleId]);
  }
}
