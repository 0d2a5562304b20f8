import { loadTransfer } from '../../src/blocks/dns/index.js';
import { Args, type Column, countFlag, DsCommand, durationFlag, Flags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

type Tools = Awaited<ReturnType<typeof loadTransfer>>;
type Parts = ReturnType<Tools['transferZone']>;
type Item = ReturnType<Tools['transferItem']>;
type Row = Extract<Item, { kind: 'records' }>['rows'][number];

export default class DnsAxfr extends DsCommand {
  static override summary = 'fetch a zone from a server, whole or what changed since a serial';
  static override description =
    `Prints the zone as a master file while it comes (AXFR, RFC 5936), so that it can be kept, compared, or imported here by
ds dns zone import; that command also fetches by itself, and keeps a copy in step. --serial asks for what changed since (IXFR, RFC 1995):
- and + lines, as diff has them, each change beginning with the SOA record it takes away. A server that does not know so old a serial
sends the whole zone: all lines are + then, and stderr says so. Nothing is printed when nothing is newer.

Over TCP, or over TLS (RFC 9103) from tls://SERVER. What is no transfer of this zone is refused: records beyond it, an end that is
missing, differences that do not follow on each other.

Pipes get the same master file; with --serial - or +, name, TTL, type and data between tabs. --json prints an object a line: first
{zone, server, form: whole | incremental | current, serial}, then {op: added | removed, name, ttl, type, data}.

Exit codes: 0 all has come; 2 bad input; 3 the server refused, cannot be reached, or broke off: what was printed is not all then; 130
interrupted.`;
  static override examples = [
    {
      description: 'A zone of a server of your own, which has to allow it',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> dns serve --detach --allow-transfer 127.0.0.1
<%= config.bin %> <%= command.id %> shop.test @127.0.0.1 -p 1053`,
    },
    {
      description: 'What changed since a serial',
      command: `SERIAL=$(<%= config.bin %> dns zone list | cut -f3)
<%= config.bin %> dns record set www.shop.test A 10.0.0.8
<%= config.bin %> <%= command.id %> shop.test @127.0.0.1:1053 --serial "$SERIAL"`,
    },
    {
      description: 'As data; and how many names it has',
      command: `<%= config.bin %> <%= command.id %> shop.test tcp://127.0.0.1:1053 --json > shop.test.ndjson
<%= config.bin %> <%= command.id %> shop.test tcp://127.0.0.1:1053 --json | grep -o '"name":"[^"]*"' | sort -u | wc -l
<%= config.bin %> down dns`,
    },
  ];
  static override args = {
    zone: Args.string({ required: true, description: 'zone: shop.test' }),
    server: Args.string({
      required: true,
      description:
        '@192.0.2.1, ns1.shop.test, 127.0.0.1:1053, tcp://… or tls://…; may stand before the zone with its @',
    }),
  };
  static override flags = {
    port: countFlag({ char: 'p', max: 65_535, description: 'where the server has none (default: 53, tls:// 853)' }),
    serial: countFlag({ min: 0, max: 2 ** 32 - 1, description: 'ask for what changed since this serial' }),
    'tls-ca': Flags.string({ helpValue: 'FILE', description: 'authorities to trust, in place of the usual ones' }),
    'tls-hostname': Flags.string({ helpValue: 'NAME', description: 'the name that the certificate has to be for' }),
    'tls-insecure': Flags.boolean({ description: 'take any certificate' }),
    timeout: durationFlag({
      default: 10_000,
      min: 1,
      max: 3_600_000,
      description: 'to connect, and between two messages',
    }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(DnsAxfr);
    const [zone, at] = args.zone.startsWith('@') ? [args.server, args.zone] : [args.zone, args.server];
    if (zone.startsWith('@')) {
      throw cliErrors.error('usage.conflict', 'a zone comes from one server', { hint: `ds dns axfr ZONE ${at}` });
    }
    const tools = await loadTransfer();
    const origin = tools.readTypedName(zone);
    const server = tools.parsePeer(at.replace(/^@/, ''), {
      transport: 'tcp',
      ...(flags.port === undefined ? {} : { defaultPort: flags.port }),
    });
    const { clock, random, signal } = this.context;
    const { serial } = flags;
    const parts = tools.transferZone(server, origin, {
      idleTimeoutMs: flags.timeout,
      clock,
      random,
      signal,
      trust: {
        insecure: flags['tls-insecure'],
        ...(flags['tls-ca'] === undefined ? {} : { ca: tools.readAuthorities(flags['tls-ca']) }),
        ...(flags['tls-hostname'] === undefined ? {} : { serverName: flags['tls-hostname'] }),
      },
      ...(serial === undefined ? {} : { serial }),
    });
    if (!this.out.json && serial === undefined) {
      for await (const text of tools.zoneText(parts, origin)) await this.out.bytes(text);
    } else await this.showItems(parts, { zone: origin.toString(), server: server.shown }, serial);
  }

  private async showItems(
    parts: Parts,
    whence: { readonly zone: string; readonly server: string },
    serial: number | undefined,
  ): Promise<void> {
    const { transferItem, sayDifference } = await loadTransfer();
    for await (const part of parts) {
      const item = transferItem(part);
      if (item.kind === 'form') this.showForm(item, whence, serial);
      else if (this.out.json) for (const row of item.rows) this.out.item(row, '');
      else if (!this.out.isTerminal) this.out.table(columns, item.rows);
      else for (const row of item.rows) this.out.line(sayDifference(row), row.op === 'added' ? 'green' : 'red');
      // Lets signals through, and waits for a slow reader.
      await this.out.bytes('');
    }
  }

  private showForm(
    { form, serial: present }: Extract<Item, { kind: 'form' }>,
    whence: { readonly zone: string; readonly server: string },
    asked: number | undefined,
  ): void {
    if (this.out.json) this.out.item({ ...whence, form, serial: present }, '');
    if (form === 'current') this.out.note(`nothing is newer: ${whence.server} has serial ${present}`);
    if (form === 'whole' && asked !== undefined) {
      this.out.note(
        `${whence.server} does not tell what changed since ${asked}: the whole zone follows, at ${present}`,
      );
    }
  }
}

/** For pipes. */
const columns: readonly Column<Row>[] = [
  { header: '', value: ({ op }) => (op === 'added' ? '+' : '-') },
  { header: 'name', value: ({ name }) => name },
  { header: 'ttl', value: ({ ttl }) => ttl },
  { header: 'type', value: ({ type }) => type },
  { header: 'data', value: ({ data }) => data },
];
