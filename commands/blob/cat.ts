import { blobUrl, loadTransfer, readPlace, readRangeFlag, withBlobs } from '../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class BlobCat extends DsCommand {
  static override strict = false;
  static override summary = 'write objects to stdout, one after the other';
  static override description =
    `Bytes as they are stored, also on a terminal. All of them are looked for before the first byte is written.

With --json as without it: what is stored.

Exit codes: 0 all of it written; 1 there is no such object; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed, or
stored bytes are damaged.`;
  static override examples = [
    {
      description: 'One',
      command: `<%= config.bin %> blob bucket create logs
printf 'one\\ntwo\\n' | <%= config.bin %> blob put - logs/a
printf 'three\\n' | <%= config.bin %> blob put - logs/b
<%= config.bin %> <%= command.id %> logs/a`,
    },
    { description: 'Two', command: '<%= config.bin %> <%= command.id %> logs/a logs/b | grep -c .' },
    { description: 'The last four bytes', command: '<%= config.bin %> <%= command.id %> logs/a --range -4' },
  ];
  static override args = { place: Args.string({ required: true, description: 'BUCKET/KEY; several may follow' }) };
  static override flags = {
    ...targetFlags('blob'),
    range: Flags.string({ helpValue: 'BYTES', description: 'only these, from 0: 0-99, 100- or -100' }),
    'version-id': Flags.string({ helpValue: 'ID', description: 'this version, of one object' }),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(BlobCat);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const places = argv.map((typed) => readPlace(String(typed), flags['version-id']));
    const options = flags.range === undefined ? {} : { range: readRangeFlag(flags.range) };
    const { readChecked } = await loadTransfer();
    await withBlobs(target, this.context, async (store) => {
      if (places.length > 1) for (const place of places) await store.statObject(place, options);
      for (const place of places) await this.write((await readChecked(store, place, options)).body);
    });
  }

  private async write(body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of body) await this.out.bytes(piece);
  }
}
