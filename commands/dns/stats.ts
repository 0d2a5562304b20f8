import { FILE_ONLY, type LiveDaemon, loadZones, type ResponseCount } from '../../src/blocks/dns/index.js';
import { type Column, DsCommand, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { relativeTime } from '../../src/platform/relative-time.js';

export default class DnsStats extends DsCommand {
  static override summary = 'show what is in the file, and what its daemons answered';
  static override description =
    `Zones, records, targets whose health is checked, and answers of other servers that are cached; then, for each ds dns serve that runs on the file, its queries by
transport and its responses by type, code and source (zone, cache, forwarded …) since it started, asked at its admin endpoint.

Pipes get lines between tabs: "zones", "records", "targets" or "cached" with a number; "queries", process, transport and number; "responses",
process, type, code, source and number. --json: {zones, records, targets, cached, daemons: [{pid, started_at, queries, responses: [{type,
rcode, source, count}], problem}]}.

Exit codes: 0 done; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'What is in the file',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> <%= command.id %>`,
    },
    {
      description: 'Only the zones',
      command: '<%= config.bin %> <%= command.id %> | awk \'$1 == "zones" {print $2}\'',
    },
    {
      description: 'How many names did not exist?',
      command: '<%= config.bin %> <%= command.id %> | awk \'$4 == "NXDOMAIN" {sum += $6} END {print sum + 0}\'',
    },
  ];
  static override flags = { ...fileFlags('dns', FILE_ONLY) };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(DnsStats);
    const dns = await loadZones();
    const path = resolveFile(flags, 'dns', this.context);
    const facts = await dns.withStore(path, this.context.clock, ({ zones, targets, cache }) => {
      const list = zones.list();
      const records = list.reduce((sum, zone) => sum + zone.records, 0);
      return { zones: list.length, records, targets: targets.list().length, cached: cache.count() };
    });
    const daemons = await dns.askDaemons(this.context.home, path);
    this.out.document({ ...facts, daemons: daemons.map(toRecord) }, () => {
      if (!this.out.isTerminal) return this.pipe(facts, daemons);
      const { zones, records, targets, cached } = facts;
      const said = [
        counted(zones, 'zone'),
        counted(records, 'record'),
        counted(targets, 'target'),
        counted(cached, 'cached answer'),
      ];
      this.out.line(said.join(', '));
      for (const daemon of daemons) this.show(daemon);
    });
  }

  private show({ pid, startedAt, queries = {}, responses = [], problem }: LiveDaemon): void {
    const since = relativeTime(Date.parse(startedAt), this.context.clock.now());
    this.out.line('');
    if (problem !== undefined) {
      this.out.line(`process ${pid}, started ${since}: ${problem}`, 'yellow');
      return;
    }
    const all = Object.values(queries).reduce((sum, count) => sum + count, 0);
    const by = Object.entries(queries).filter(([, count]) => count > 0);
    const transports = by.map(([transport, count]) => `${transport} ${count.toLocaleString('en-US')}`).join(', ');
    const told = all === 0 ? '' : ` (${transports})`;
    this.out.line(`process ${pid}, started ${since}: ${counted(all, 'query', 'queries')}${told}`);
    if (responses.length > 0) this.out.table(columns, responses);
  }

  private pipe(facts: Readonly<Record<string, number>>, daemons: readonly LiveDaemon[]): void {
    const lines: (string | number)[][] = Object.entries(facts);
    for (const { pid, queries = {}, responses = [] } of daemons) {
      for (const [transport, count] of Object.entries(queries)) lines.push(['queries', pid, transport, count]);
      for (const { type, rcode, source, count } of responses)
        lines.push(['responses', pid, type, rcode, source, count]);
    }
    for (const line of lines) this.out.line(line.join('\t'));
  }
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`;
}

const columns: Column<ResponseCount>[] = [
  { header: 'type', value: ({ type }) => type },
  { header: 'code', value: ({ rcode }) => rcode, color: ({ rcode }) => (rcode === 'SERVFAIL' ? 'red' : undefined) },
  { header: 'source', value: ({ source }) => source },
  { header: 'answers', value: ({ count }) => count, display: ({ count }) => count.toLocaleString('en-US') },
];

function toRecord({ startedAt, ...daemon }: LiveDaemon) {
  return { ...daemon, started_at: startedAt };
}
