import { blobUrl, loadLifecycle, readBucket, withBlobs } from '../../../src/blocks/blob/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../../src/platform/cli/command.js';

export default class BlobLifecycleShow extends DsCommand {
  static override summary = "print a bucket's lifecycle, as the document that S3 has";
  static override description =
    `A terminal and pipes get the XML, which ds blob lifecycle set and other tools read. --json: {bucket, rules: [{id, enabled, filter: {prefix, tags,
size_greater_than, size_less_than}, expiration: {days | date | expired_object_delete_marker}, noncurrent_expiration: {days,
newer_versions_kept}, abort_uploads_after_days}]}.

Exit codes: 0 done; 1 the bucket has none, or there is no such bucket; 2 bad input; 3 the server could not be reached, or refused; 4 the store
failed.`;
  static override examples = [
    {
      description: 'What is set?',
      command: `<%= config.bin %> blob bucket create logs
<%= config.bin %> blob lifecycle set logs --expire-days 30
<%= config.bin %> <%= command.id %> logs`,
    },
    {
      description: 'For another bucket',
      command: `<%= config.bin %> blob bucket create traces
<%= config.bin %> <%= command.id %> logs | <%= config.bin %> blob lifecycle set traces -`,
    },
    { description: 'For a program', command: '<%= config.bin %> <%= command.id %> logs --json' },
  ];
  static override args = { bucket: Args.string({ required: true, description: 'the bucket' }) };
  static override flags = { ...targetFlags('blob') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobLifecycleShow);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const bucket = readBucket(args.bucket);
    const { readLifecycleXml, ruleJson } = await loadLifecycle();
    const xml = await withBlobs(target, this.context, (store) => store.getDocument(bucket, 'lifecycle'));
    const rules = this.out.json ? readLifecycleXml(Buffer.from(xml)).map(ruleJson) : [];
    this.out.document({ bucket, rules }, () => this.out.line(xml.trimEnd()));
  }
}
