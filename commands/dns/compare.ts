import { loadCompare } from '../../src/blocks/dns/index.js';
import { type Column, countFlag, DsCommand, durationFlag, Flags } from '../../src/platform/cli/command.js';
import { makeOutput } from '../../src/platform/cli/output-flags.js';

type Tools = Awaited<ReturnType<typeof loadCompare>>;
type Comparison = Awaited<ReturnType<Tools['compareServers']>>;
type Row = ReturnType<Tools['comparedRows']>[number];

export default class DnsCompare extends DsCommand {
  static override strict = false;
  static override usage = 'NAME [TYPE] @SERVER @SERVER...';
  static override summary = 'ask several servers the same, and see whether they agree';
  static override description =
    `Takes the words of ds dns query, NAME TYPE @server @server …, and asks all servers at once. Answers that say the same are a group:
the same outcome and code and the same records, whatever their order, TTLs and the case of letters; with --strict those count, too.
A server that does not answer agrees with nobody. A terminal and --json are told how each
group differs from the largest one.

Pipes get a server a line: server, group (A, B …), outcome (answer, nodata, nxdomain, referral, servfail, refused, failure, failed),
rcode, aa where it has authority, the lowest TTL, milliseconds, answers between commas. --json prints one document: name, type, agree,
groups (name, servers, missing, extra) and servers with their records.

Exit codes: 0 all agree; 1 they do not, or one did not answer; 2 bad input; 3 none answered; 130 interrupted.`;
  static override examples = [
    {
      description: 'Two servers of one file',
      command: `<%= config.bin %> dns record set www.shop.test A 10.0.0.7 --create
<%= config.bin %> dns serve --detach --listen 127.0.0.1:1053
<%= config.bin %> dns serve --detach --listen 127.0.0.2:1053 --admin off
<%= config.bin %> <%= command.id %> www.shop.test @127.0.0.1 @127.0.0.2 -p 1053`,
    },
    {
      description: 'Over UDP and TCP, to the letter',
      command:
        '<%= config.bin %> <%= command.id %> shop.test SOA @udp://127.0.0.1:1053 @tcp://127.0.0.2:1053 --strict --json',
    },
    {
      description: 'What a third one says otherwise',
      command: `<%= config.bin %> dns record set www.shop.test A 10.0.0.8 --create --db other.db
<%= config.bin %> dns serve --detach --listen 127.0.0.3:1053 --admin off --db other.db
<%= config.bin %> <%= command.id %> www.shop.test @127.0.0.1 @127.0.0.2 @127.0.0.3 -p 1053 || echo they differ
<%= config.bin %> down dns`,
    },
  ];
  static override flags = {
    server: Flags.string({
      char: 's',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SERVER',
      description: 'as @SERVER',
    }),
    port: countFlag({ max: 65_535, description: 'as -p: where a server has none' }),
    strict: Flags.boolean({ description: 'order, TTLs and the case of letters count' }),
    tcp: Flags.boolean({ description: 'as +tcp', exclusive: ['tls'] }),
    tls: Flags.boolean({ description: 'as +tls (RFC 7858)' }),
    'tls-ca': Flags.string({ helpValue: 'FILE', description: 'authorities to trust, in place of the usual ones' }),
    'tls-insecure': Flags.boolean({ description: 'take any certificate' }),
    timeout: durationFlag({ default: 5_000, min: 1, max: 3_600_000, description: 'for one attempt' }),
    retries: countFlag({ min: 0, max: 100, default: 2, description: 'attempts after the first' }),
    recurse: Flags.boolean({ allowNo: true, description: 'as +recurse (default: yes)' }),
    dnssec: Flags.boolean({ description: 'as +dnssec: with signatures' }),
  };

  protected async execute(): Promise<number> {
    const tools = await loadCompare();
    const { flags: typed, words } = tools.splitArguments(this.argv, DnsCompare.flags);
    const { flags } = await this.parse(DnsCompare, typed);
    const line = tools.readCompareWords(words, tools.settingsOfFlags(flags));
    if (line.line.json) this.out = makeOutput({ ...flags, json: true });
    for (const warning of line.warnings) this.out.warn(warning);
    const { clock, random, signal } = this.context;
    const asker = new tools.Asker({ clock, random, signal });
    const spinner = await this.out.spinner(`asking ${line.servers.length} servers`);
    const comparison = await tools.compareServers(asker, line, { strict: flags.strict }).finally(() => {
      spinner.stop();
      return asker.close();
    });
    this.show(comparison, tools);
    return comparison.agree ? 0 : comparison.groups.length === 0 ? 3 : 1;
  }

  private show(comparison: Comparison, { comparedRows, comparisonJson, sayAgreement, sayDifferences }: Tools): void {
    this.out.document(comparisonJson(comparison), () => {
      const verdict = sayAgreement(comparison);
      const differences = sayDifferences(comparison);
      if (this.out.isTerminal) this.out.line(verdict, comparison.agree ? 'green' : 'red');
      this.out.table(columns, comparedRows(comparison));
      if (this.out.isTerminal) for (const difference of differences) this.out.line(difference);
    });
  }
}

const columns: readonly Column<Row>[] = [
  { header: 'server', value: ({ server }) => server, keep: true },
  { header: 'group', value: ({ group }) => group, display: ({ group }) => group || '–' },
  {
    header: 'outcome',
    value: ({ outcome }) => outcome,
    color: ({ outcome }) => (outcome === 'answer' ? 'green' : outcome === 'failed' ? 'red' : 'yellow'),
  },
  { header: 'rcode', value: ({ rcode }) => rcode },
  { header: 'aa', value: ({ authoritative }) => (authoritative ? 'aa' : '') },
  { header: 'ttl', value: ({ ttl }) => ttl, align: 'right' },
  {
    header: 'ms',
    value: ({ ms }) => ms?.toFixed(3),
    display: ({ ms }) => ms?.toFixed(1) ?? '',
    align: 'right',
  },
  { header: 'answers', value: ({ answers }) => answers.join(', ') },
];
