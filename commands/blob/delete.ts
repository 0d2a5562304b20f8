import {
  blobUrl,
  conditionFlags,
  type Deleted,
  loadBulk,
  loadReport,
  readBucketPrefix,
  readConditionFlags,
  readPlace,
  sayPlace,
  withBlobs,
} from '../../src/blocks/blob/index.js';
import {
  Args,
  DsCommand,
  Flags,
  quoteForShell,
  resolveTarget,
  sameTarget,
  targetFlags,
  textFlags,
} from '../../src/platform/cli/command.js';
import { confirm } from '../../src/platform/cli/confirm.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { EXIT_INTERRUPTED } from '../../src/platform/cli/exit-codes.js';

export default class BlobDelete extends DsCommand {
  static override strict = false;
  static override summary = 'delete objects, or all below a prefix';
  static override description =
    `In a bucket with versions an object gets a delete marker, and its versions stay: deleting the marker brings it back. --version-id deletes
one version for good, --all-versions every one. A key that is not there is no error, as in S3.

--recursive deletes every key that begins with the prefix: end it with a slash for a folder. It asks on a terminal, and needs --yes in a
script; so do more keys than one. Space is freed by ds blob gc, or by the daemon.

Pipes get the place, "deleted", "marked" (a delete marker was made) or "absent" (which a server does not tell), and the version, between
tabs. --json prints a line each: {bucket, key, version_id, delete_marker, existed}.

Exit codes: 0 done; 1 a condition did not hold, or there is no such bucket; 2 bad input; 3 the server could not be reached, or refused; 4 the
store failed; 130 interrupted, and the rest is still there.`;
  static override examples = [
    {
      description: 'One',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/hello.txt
<%= config.bin %> <%= command.id %> photos/hello.txt`,
    },
    {
      description: 'A folder, in a script',
      command: `echo hello | <%= config.bin %> blob put - photos/2026/hello.txt
<%= config.bin %> <%= command.id %> photos/2026/ --recursive --yes`,
    },
    {
      description: 'Only if nobody has changed it since',
      command: `ETAG=$(echo hello | <%= config.bin %> blob put - photos/hello.txt | cut -f 3)
<%= config.bin %> <%= command.id %> photos/hello.txt --if-match "$ETAG"`,
    },
  ];
  static override args = { place: Args.string({ required: true, description: 'BUCKET/KEY; several may follow' }) };
  static override flags = {
    ...targetFlags('blob'),
    recursive: Flags.boolean({ char: 'r', description: 'all that begins with BUCKET/PREFIX' }),
    'version-id': Flags.string({
      helpValue: 'ID',
      description: 'only this version',
      exclusive: ['recursive', 'all-versions'],
    }),
    'all-versions': Flags.boolean({ description: 'with all versions and delete markers: for good' }),
    ...textFlags({ 'if-match': conditionFlags['if-match'] }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { argv, flags } = await this.parse(BlobDelete);
    const typed = argv.map(String);
    const conditions = readConditionFlags(flags);
    const isMany = flags.recursive || typed.length > 1;
    if (conditions !== undefined && (isMany || flags['all-versions'])) {
      throw cliErrors.error('usage.conflict', '--if-match is about one object, and this would delete more', {
        hint: `ds blob delete ${quoteForShell(typed[0] ?? '')} --if-match ETAG`,
      });
    }
    const read = (text: string) => (flags.recursive ? readBucketPrefix(text) : readPlace(text, flags['version-id']));
    const what = typed.map(read);
    if (isMany && !flags.yes) await this.ask(typed, flags);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const { signal } = this.context;
    const { deleteMany } = await loadBulk();
    await withBlobs(target, this.context, (store) =>
      this.report(deleteMany(store, { what, allVersions: flags['all-versions'], conditions, signal })),
    );
    return signal.aborted ? EXIT_INTERRUPTED : undefined;
  }

  private async ask(typed: readonly string[], flags: Asked): Promise<void> {
    const places = typed.map(quoteForShell).join(' ');
    const how = `${flags.recursive ? ' --recursive' : ''}${flags['all-versions'] ? ' --all-versions' : ''}`;
    const question = flags.recursive
      ? `delete all that begins with ${typed.join(' or ')}?`
      : `delete ${typed.length} objects?`;
    if (!(await confirm(question, `ds blob delete ${places}${how} --yes${sameTarget(flags)}`))) {
      throw cliErrors.error('cli.interrupted', 'nothing was deleted');
    }
  }

  /** A terminal is told of one by its name, of more by their number. */
  private async report(deleted: AsyncIterable<Deleted>): Promise<void> {
    const { count, deletedJson, sayDeleted } = await loadReport();
    const isQuiet = this.out.isTerminal && !this.out.json;
    let objects = 0;
    let last: Deleted | undefined;
    for await (const each of deleted) {
      objects++;
      last = each;
      const { place, result } = each;
      if (this.out.json) this.out.item(deletedJson(place, result), '');
      else if (!isQuiet) this.out.record([sayPlace(place), sayDeleted(each), result.versionId]);
    }
    if (objects === 1 && last !== undefined) this.warnOfPattern(last);
    if (!isQuiet) return;
    if (objects > 1) this.out.line(`${count(objects, 'object or version', 'objects and versions')} deleted`);
    else if (last !== undefined) this.out.line(`${sayPlace(last.place)} ${sayDeleted(last)}`);
    else this.out.note('nothing there');
  }

  /** Other commands take patterns, and this one does not: what looks like one, or like a folder, is hardly a key. */
  private warnOfPattern({ place: { key }, result: { existed } }: Deleted): void {
    if (existed === true || !/[*?]|\/$/.test(key)) return;
    const what = existed === false ? 'there is no object' : 'nothing was deleted but an object';
    this.out.warn(
      `${what} ${JSON.stringify(key)}; --recursive deletes what begins with a prefix, patterns are not expanded`,
    );
  }
}

interface Asked {
  readonly recursive: boolean;
  readonly 'all-versions': boolean;
  readonly db?: string | undefined;
  readonly url?: string | undefined;
}
