import {
  type BlobStore,
  type BlobTarget,
  blobUrl,
  type CopyEnds,
  isTypedFolder,
  loadReport,
  loadTransfer,
  readBucketPrefix,
  type SyncEvent,
  type SyncLine,
  type SyncStep,
  type SyncSummary,
  transferContext,
  withBlobPair,
  withFolderHint,
} from '../../src/blocks/blob/index.js';
import {
  Args,
  DsCommand,
  Flags,
  quoteForShell,
  resolveTarget,
  resolveToTarget,
  sameTarget,
  targetFlags,
  toTargetFlags,
} from '../../src/platform/cli/command.js';
import { confirm } from '../../src/platform/cli/confirm.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { TransferBar } from '../../src/platform/cli/transfer-bar.js';

type Report = Awaited<ReturnType<typeof loadReport>>;

interface SyncFlags {
  readonly delete: boolean;
  readonly checksum: boolean;
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[] | undefined;
  readonly 'dry-run': boolean;
}

export default class BlobSync extends DsCommand {
  static override summary = 'make a bucket as a folder is, a folder as a bucket, or a bucket as another one';
  static override description =
    `A folder is written with a dot or a slash at its beginning: ./photos, ../photos, /srv/photos; anything else is BUCKET or BUCKET/PREFIX.
What is missing or differs is copied. A file and an object are the same by size and by the file's time, which is kept in the object's metadata
(x-amz-meta-mtime, as rclone has it); with --checksum by what the object was stored with, for which files are read; two objects by their ETags
and checksums.

Links are not followed, and what is neither file nor folder is left out. Nothing is written or removed outside the folder, whatever a key
says: a key that cannot be a file in it is told, and the others go on. Files are written under another name, compared, and renamed; they are
not flushed to disk.

--delete removes what only the target has. It asks on a terminal, and needs --yes in a script; where something of the source could not be read,
nothing is removed.

Pipes get what is done, the path and bytes, between tabs: copy, delete, or fail with the reason in place of bytes; with --verbose also same and
skip. --json prints a line each: {action, path, size_bytes, reason, error: {code, message}}, then {summary: {copied, copied_bytes, deleted,
same, skipped, failed, held_deletions}}.

Exit codes: 0 they are the same now, or with --dry-run could be; 1 some could not be copied; 2 bad input; 3 a server could not
be reached, or refused; 4 a store failed; 130 interrupted.`;
  static override examples = [
    {
      description: 'A folder into a bucket',
      command: `mkdir -p notes && echo hello > notes/hello.txt
<%= config.bin %> blob bucket create backup
<%= config.bin %> <%= command.id %> ./notes backup/notes`,
    },
    {
      description: 'Would anything be done? Not any more',
      command: '<%= config.bin %> <%= command.id %> ./notes backup/notes --dry-run',
    },
    {
      description: 'Back, to another folder, without what is no longer there',
      command: '<%= config.bin %> <%= command.id %> backup/notes ./restored --delete --yes',
    },
    {
      description: 'One bucket as another one',
      command: `<%= config.bin %> blob bucket create mirror
<%= config.bin %> <%= command.id %> backup mirror --exclude '*.tmp'`,
    },
  ];
  static override args = {
    source: Args.string({ required: true, description: './FOLDER, BUCKET or BUCKET/PREFIX' }),
    target: Args.string({ required: true, description: 'the same; made to be as the source' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    ...toTargetFlags(),
    delete: Flags.boolean({ description: 'remove what only the target has' }),
    'dry-run': Flags.boolean({ description: 'say what would be done, and do nothing' }),
    checksum: Flags.boolean({ description: 'compare by checksums and not by times; reads files' }),
    include: Flags.string({
      helpValue: 'PATTERN',
      multiple: true,
      multipleNonGreedy: true,
      description: 'only these: *.jpg for names, photos/** for paths',
    }),
    exclude: Flags.string({
      helpValue: 'PATTERN',
      multiple: true,
      multipleNonGreedy: true,
      description: 'not these, whatever else they match; --delete leaves them, too',
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { args, flags } = await this.parse(BlobSync);
    if (isTypedFolder(args.source) && isTypedFolder(args.target)) {
      throw cliErrors.error('usage.conflict', 'both are folders of this machine: one has to be a bucket', {
        hint: `ds blob sync ${quoteForShell(args.source)} BUCKET/PREFIX`,
      });
    }
    const from = resolveTarget(flags, 'blob', this.context, blobUrl);
    const to = resolveToTarget(flags, from, 'blob', this.context, blobUrl);
    const ends = isTypedFolder(args.source)
      ? ([to, to] as const)
      : isTypedFolder(args.target)
        ? ([from, from] as const)
        : ([from, to] as const);
    if (flags.delete && !flags['dry-run'] && !flags.yes) {
      const again = `ds blob sync ${quoteForShell(args.source)} ${quoteForShell(args.target)} --delete --yes${sameTarget(flags)}`;
      if (!(await confirm(`remove from ${args.target} what is not in ${args.source}?`, again))) {
        throw cliErrors.error('cli.interrupted', 'nothing was done');
      }
    }
    try {
      return await withBlobPair(ends, this.context, (stores) => this.sync(args, flags, stores, ends[1]));
    } catch (error) {
      throw withFolderHint(error, args, sameTarget(flags));
    }
  }

  private async sync(
    args: { readonly source: string; readonly target: string },
    flags: SyncFlags,
    { from, to, same }: CopyEnds,
    target: BlobTarget,
  ): Promise<number | undefined> {
    const [{ bucketSide, planSync, runSync }, report] = await Promise.all([loadTransfer(), loadReport()]);
    const side = (typed: string, store: BlobStore) => {
      if (isTypedFolder(typed)) return { kind: 'folder', path: typed } as const;
      const { bucket, prefix } = readBucketPrefix(typed);
      return bucketSide(store, bucket, prefix);
    };
    const sides = [side(args.source, from), side(args.target, to)] as const;
    if (same && isOverlapping(args)) {
      throw cliErrors.error('usage.conflict', `${args.source} and ${args.target} are one within the other`, {
        hint: 'name a prefix or a bucket that is beside the source',
      });
    }
    const plan = planSync(...sides, flags);
    if (flags['dry-run']) return this.showPlan(plan, report);
    const bar = new TransferBar(this.out, this.context.clock);
    const context = transferContext(target, this.context, bar.over(args.source));
    const onEvent = (event: SyncEvent) => this.show(report.syncLine(event));
    const steps = this.watched(plan, report);
    const summary = await runSync(steps, ...sides, { sameStore: same, onEvent }, context).finally(() => bar.stop());
    this.showSummary(summary, report);
    return summary.failed === 0 ? undefined : 1;
  }

  /** Tells of what is not done, too, where that is wanted. */
  private async *watched(plan: AsyncIterable<SyncStep>, { syncLine }: Report): AsyncGenerator<SyncStep> {
    for await (const step of plan) {
      if (this.out.verbose && (step.action === 'same' || step.action === 'skip')) this.show(syncLine(step));
      yield step;
    }
  }

  private async showPlan(plan: AsyncIterable<SyncStep>, { syncLine }: Report): Promise<number | undefined> {
    let changes = 0;
    let failures = 0;
    for await (const step of plan) {
      const isChange = step.action !== 'same' && step.action !== 'skip';
      if (isChange) changes++;
      if (step.action === 'fail') failures++;
      if (isChange || this.out.verbose) this.show(syncLine(step));
    }
    if (changes === 0 && this.out.isTerminal) this.out.note('nothing would be done: they are the same');
    return failures === 0 ? undefined : 1;
  }

  private show({ action, path, problem, json, cells }: SyncLine): void {
    if (this.out.json) this.out.item(json, '');
    else if (!this.out.isTerminal) this.out.record(cells);
    else if (problem !== undefined) this.out.warn(`${path}: ${problem}`);
    else this.out.line(`${action.padEnd(6)}  ${path}`);
  }

  private showSummary(summary: SyncSummary, { count, saySyncSummary, syncSummaryJson }: Report): void {
    if (this.out.json) {
      this.out.item({ summary: syncSummaryJson(summary) }, '');
      return;
    }
    if (summary.heldDeletions > 0) {
      this.out.warn(`${count(summary.heldDeletions, 'object')} not removed: a part of the source could not be read`);
    }
    if (this.out.isTerminal) this.out.note(saySyncSummary(summary));
  }
}

/** What is copied would be part of the source, or what is deleted. */
function isOverlapping({ source, target }: { readonly source: string; readonly target: string }): boolean {
  if (isTypedFolder(source) || isTypedFolder(target)) return false;
  const [from, to] = [source, target].map((typed) => `${typed.replace(/\/+$/, '')}/`);
  return from !== undefined && to !== undefined && (from.startsWith(to) || to.startsWith(from));
}
