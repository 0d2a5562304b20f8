import { kvUrl, loadTransfer, readTarget, typedBytes, withChannel } from '../../src/blocks/kv/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { LateSpinner } from '../../src/platform/cli/late-spinner.js';

/** Bytes of lines that are written at once. */
const WRITTEN = 65_536;

export default class KvExport extends DsCommand {
  static override summary = 'write keys with all that they hold as NDJSON';
  static override description = `Of all types, with their expiry; to the byte. A line for each key:

  {"key":"greeting","type":"string","value":"hello","expires_at":"2030-01-01T00:00:00.000Z"}
  {"key":"user:1","type":"hash","elements":[["name","ada"],["photo",{"base64":"/9j/4A=="}]]}
  {"key":"queue","type":"list","elements":["a","b"]}
  {"key":"board","type":"zset","elements":[["ada",3.5]]}

Bytes that are not UTF-8 are {"base64": "…"}. More than a thousand elements take several lines, the later ones with "continues":true. Each
key is as it is when it is read: this is no snapshot, which ds kv backup makes of a file. It is database 0, unless the URL names another:
redis://HOST:PORT/3. Streams, which only a Redis has, are left out with a warning. With --json as without it.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'All of it',
      command: '<%= config.bin %> kv put greeting hello\n<%= config.bin %> <%= command.id %> > all.ndjson',
    },
    { description: 'What begins so', command: '<%= config.bin %> <%= command.id %> user: | gzip > users.ndjson.gz' },
    {
      description: 'Into another store',
      command: '<%= config.bin %> <%= command.id %> | <%= config.bin %> kv import - --db other.db',
    },
  ];
  static override args = { prefix: Args.string({ description: 'what the keys begin with (default: all)' }) };
  static override flags = { ...targetFlags('kv') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(KvExport);
    const target = readTarget(resolveTarget(flags, 'kv', this.context, kvUrl), flags);
    const prefix = typedBytes(args.prefix ?? '');
    const { exportRecords, encodeRecord } = await loadTransfer();
    const spinner = new LateSpinner(this.out);
    await withChannel(target, this.context, async (channel, store) => {
      let keys = 0;
      let leftOut = 0;
      let lines = '';
      const onLeftOut = (more: number) => {
        leftOut += more;
      };
      for await (const record of exportRecords({ channel, store }, prefix, onLeftOut)) {
        lines += `${JSON.stringify(encodeRecord(record))}\n`;
        if (!record.continues) keys++;
        if (lines.length < WRITTEN) continue;
        spinner.show(`export  ${keys.toLocaleString('en-US')} keys`);
        await this.out.lines(Buffer.from(lines));
        lines = '';
      }
      await this.out.lines(Buffer.from(lines));
      if (leftOut > 0) this.out.warn(`keys left out, of types that only a Redis has, such as streams: ${leftOut}`);
      if (process.stderr.isTTY === true) this.out.note(`${keys.toLocaleString('en-US')} keys`, 'dim');
    }).finally(() => spinner.stop());
  }
}
