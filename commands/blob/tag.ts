import { blobUrl, readPairs, readPlace, sayPlace, type Tags, withBlobs } from '../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

export default class BlobTag extends DsCommand {
  static override strict = false;
  static override summary = "show, set or delete an object's tags";
  static override description =
    `Tags that are set replace all that were there, as in S3; --add keeps the others. At most 10, names of up to 128 characters, values of up
to 256.

Pipes get name and value, between tabs. --json: {bucket, key, version_id, tags: {…}}.

Exit codes: 0 done; 1 there is no such object; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed.`;
  static override examples = [
    {
      description: 'Set them',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/hello.txt
<%= config.bin %> <%= command.id %> photos/hello.txt project=apollo stage=raw`,
    },
    { description: 'Change one', command: '<%= config.bin %> <%= command.id %> photos/hello.txt stage=done --add' },
    { description: 'Which are there?', command: '<%= config.bin %> <%= command.id %> photos/hello.txt' },
    { description: 'None any more', command: '<%= config.bin %> <%= command.id %> photos/hello.txt --delete' },
  ];
  static override args = {
    place: Args.string({ required: true, description: 'BUCKET/KEY' }),
    tag: Args.string({ description: 'NAME=VALUE; several may follow' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    'version-id': Flags.string({ helpValue: 'ID', description: 'this version' }),
    add: Flags.boolean({ description: 'keep tags of other names', exclusive: ['delete'] }),
    delete: Flags.boolean({ description: 'delete all of them' }),
  };

  protected async execute(): Promise<void> {
    const { args, argv, flags } = await this.parse(BlobTag);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const place = readPlace(args.place, flags['version-id']);
    const typed = argv.slice(1).map(String);
    if (flags.delete && typed.length > 0) {
      throw cliErrors.error('usage.conflict', '--delete takes no tags: it deletes all of them', {
        hint: `ds blob tag ${args.place} --delete`,
      });
    }
    const given: Tags = readPairs(typed, 'a tag');
    const { tags, versionId } = await withBlobs(target, this.context, async (store) => {
      const before = typed.length === 0 || flags.add ? await store.getTags(place) : undefined;
      if (typed.length === 0 && !flags.delete) return before ?? { tags: {} };
      const next: Tags = { ...before?.tags, ...given };
      if (flags.delete) return { ...(await store.setTags(place, undefined)), tags: {} };
      return { ...(await store.setTags(place, next)), tags: next };
    });
    const document = { bucket: place.bucket, key: place.key, ...(versionId && { version_id: versionId }), tags };
    this.out.document(document, () => {
      const rows = Object.entries(tags);
      if (rows.length === 0 && this.out.isTerminal) this.out.note(`${sayPlace(place)} has no tags`);
      if (rows.length === 0) return;
      this.out.table(
        [
          { header: 'tag', value: ([name]) => name },
          { header: 'value', value: ([, value]) => value },
        ],
        rows,
      );
    });
  }
}
