import { loadDrift } from '../../src/blocks/dns/index.js';
import { type Column, countFlag, DsCommand, durationFlag, Flags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

type Tools = Awaited<ReturnType<typeof loadDrift>>;
type ZoneDrift = Awaited<ReturnType<Tools['zoneDrift']>>;
type RecordDrift = Parameters<Parameters<Tools['recordDrift']>[3]>[0];
type Row = Tools['placeRows'] extends (...args: never[]) => (infer R)[] ? R : never;
type Json = ReturnType<Tools['driftJson']>;

/** Differences of records that are shown; all of them are counted. */
const MOST_SHOWN = 1_000;

export default class DnsDiff extends DsCommand {
  static override strict = false;
  static override usage = 'ZONE [@SERVER]';
  static override summary = 'see whether all name servers of a zone serve the same';
  static override description =
    `Finds the name servers of the zone and their addresses, IPv4 and IPv6, by the resolver of @SERVER (default: that of this machine), or
with --hint or --hints by the delegations from the root; then what the zone above says is compared, too. Every address is asked for the
SOA and NS records. The reference is the first server with the latest serial. Drift is another serial, SOA record or set of name
servers, a server that does not answer or does not serve the zone, one without an address.

With --axfr the zone is transferred from each, too, and compared record by record (- only the reference has it, + only that server);
a server that refuses is drift. Up to ${MOST_SHOWN} differences are shown, and all are counted.

Pipes get a server a line: server, address, state (serving, lame, silent), serial, milliseconds; then what drifts, a line each: drift,
kind (silent, lame, no_address, serial, soa, ns, delegation, record, transfer), server, address, text. --json prints one document: zone,
serial, servers, drift, and with --axfr record_differences, a number.

Exit codes: 0 all serve the same; 1 drift, or the zone has no name servers; 2 bad input; 3 no resolver answered, or no server serves the zone;
4 no room for the transfers; 130 interrupted.`;
  static override examples = [
    {
      description: 'A zone and its two servers',
      command: `<%= config.bin %> dns record set ns1.shop.test A 127.0.0.1 --create
<%= config.bin %> dns record set ns2.shop.test A 127.0.0.2
<%= config.bin %> dns record set shop.test NS ns1.shop.test ns2.shop.test
<%= config.bin %> dns serve --detach --listen 127.0.0.1:1053 --allow-transfer 127.0.0.1
<%= config.bin %> dns serve --detach --listen 127.0.0.2:1053 --admin off --allow-transfer 127.0.0.1
<%= config.bin %> <%= command.id %> shop.test @127.0.0.1 -p 1053`,
    },
    {
      description: 'Record by record',
      command: '<%= config.bin %> <%= command.id %> shop.test @127.0.0.1 -p 1053 --axfr --json',
    },
    {
      description: 'A third one that nobody has started: the exit code says so',
      command: `<%= config.bin %> dns record set ns3.shop.test A 127.0.0.3
<%= config.bin %> dns record set shop.test NS ns1.shop.test ns2.shop.test ns3.shop.test
<%= config.bin %> <%= command.id %> shop.test @127.0.0.1 -p 1053 --retries 0 || echo it drifts
<%= config.bin %> down dns`,
    },
  ];
  static override flags = {
    port: countFlag({
      char: 'p',
      max: 65_535,
      default: 53,
      description: 'of all servers; of @SERVER where it has none',
    }),
    hint: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ADDRESS[:PORT]',
      description: 'follow delegations, from this server of the root',
    }),
    hints: Flags.string({
      helpValue: 'FILE',
      exclusive: ['hint'],
      description: 'follow delegations, from the servers of the root in this master file',
    }),
    axfr: Flags.boolean({ description: 'transfer the zone from each, and compare the records' }),
    timeout: durationFlag({ default: 3_000, min: 1, max: 3_600_000, description: 'for one attempt' }),
    retries: countFlag({ min: 0, max: 100, default: 2, description: 'attempts after the first' }),
  };

  protected async execute(): Promise<number> {
    const { flags, argv } = await this.parse(DnsDiff);
    const tools = await loadDrift();
    const { zone: text, resolvers } = readWords(argv.map(String));
    const zone = tools.readTypedName(text);
    const { clock, random, signal } = this.context;
    const { port, timeout: timeoutMs, retries, hint, hints } = flags;
    const wanted = {
      port,
      ...(hint === undefined ? {} : { addresses: hint }),
      ...(hints === undefined ? {} : { file: hints }),
    };
    const byRoot = hint !== undefined || hints !== undefined;
    const by = byRoot ? { roots: tools.rootsFor(wanted).roots } : { resolvers };
    const options = { clock, random, signal, port, timeoutMs, retries, by };
    const spinner = await this.out.spinner(`${text}: asking its servers`);
    const shown: RecordDrift[] = [];
    let differences = 0;
    const drift = await (async () => {
      const found = await tools.zoneDrift(zone, options);
      if (flags.axfr) {
        spinner.text(`${text}: transferring`);
        await tools.recordDrift(zone, found, options, (one) => {
          if ('difference' in one) differences++;
          if (shown.length < MOST_SHOWN || 'error' in one) shown.push(one);
        });
      }
      return found;
    })().finally(() => spinner.stop());
    this.show(text, drift, { tools, shown, differences: flags.axfr ? differences : undefined });
    if (drift.reference === undefined) return 3;
    return drift.drifts.length + shown.length > 0 ? 1 : 0;
  }

  private show(zone: string, drift: ZoneDrift, { tools, shown, differences }: Shown): void {
    const { driftJson, placeJson, placeRows } = tools;
    const rows = placeRows(drift.places, drift);
    const serial = rows.find(({ server, address }) => {
      return server === drift.reference?.server.toString() && address === drift.reference?.address;
    })?.serial;
    const all = [...drift.drifts.map(driftJson), ...shown.map((one) => recordJson(one, tools))];
    const document = {
      zone,
      ...(serial === undefined ? {} : { serial }),
      servers: rows.map(placeJson),
      drift: all,
      ...(differences === undefined ? {} : { record_differences: differences }),
    };
    this.out.document(document, () => {
      if (this.out.isTerminal) this.showVerdict(all, rows.length, serial, differences ?? 0);
      this.out.table(columns, rows);
      if (!this.out.isTerminal) this.out.table(driftColumns, all);
      else for (const drift of all) this.out.line(String(drift['message']), 'yellow');
    });
  }

  private showVerdict(all: readonly Json[], servers: number, serial: number | undefined, differences: number): void {
    if (all.length === 0) this.out.line(`${servers} servers serve the same, serial ${serial}`, 'green');
    else if (serial === undefined) this.out.line('no server serves the zone', 'red');
    else {
      const records = differences === 0 ? '' : `, ${differences} differences of records`;
      this.out.line(`the servers drift apart; the latest serial is ${serial}${records}`, 'red');
    }
  }
}

interface Shown {
  readonly tools: Tools;
  readonly shown: readonly RecordDrift[];
  /** Undefined when records were not compared. */
  readonly differences: number | undefined;
}

/** The zone, and resolvers as dig takes them. */
function readWords(words: readonly string[]): { readonly zone: string; readonly resolvers: readonly string[] } {
  const resolvers = words.filter((word) => word.startsWith('@')).map((word) => word.slice(1));
  const [zone, second] = words.filter((word) => !word.startsWith('@'));
  if (zone === undefined) throw cliErrors.error('usage.missing', 'missing ZONE', { hint: 'ds dns diff shop.test' });
  if (second === undefined) return { zone, resolvers };
  throw cliErrors.error('usage.unexpected_argument', `${second} is one zone too many`, { hint: `ds dns diff ${zone}` });
}

function recordJson({ place, ...found }: RecordDrift, { sayDifference, sayZonePlace }: Tools): Json {
  const where = { server: place.server.toString(), address: place.address };
  if ('error' in found) {
    const { message } = found.error;
    return { drift: 'transfer', ...where, message: `${sayZonePlace(place)} gives no zone: ${message}` };
  }
  const { difference } = found;
  return { drift: 'record', ...where, ...difference, message: `${sayZonePlace(place)}: ${sayDifference(difference)}` };
}

const columns: readonly Column<Row>[] = [
  { header: 'server', value: ({ server }) => server },
  { header: 'address', value: ({ address }) => address, keep: true },
  {
    header: 'state',
    value: ({ state }) => state,
    color: ({ state, isWell }) => (state !== 'serving' ? 'red' : isWell ? 'green' : 'yellow'),
  },
  { header: 'serial', value: ({ serial }) => serial, color: ({ isWell }) => (isWell ? undefined : 'yellow') },
  { header: 'ms', value: ({ ms }) => ms?.toFixed(3), display: ({ ms }) => ms?.toFixed(1) ?? '', align: 'right' },
];

const driftColumns: readonly Column<Json>[] = [
  { header: '', value: () => 'drift' },
  { header: 'kind', value: (drift) => String(drift['drift']) },
  { header: 'server', value: (drift) => String(drift['server'] ?? '') },
  { header: 'address', value: (drift) => String(drift['address'] ?? '') },
  { header: 'text', value: (drift) => String(drift['message']) },
];
