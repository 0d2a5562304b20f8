import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dnsOptions, loadBench } from '../../src/blocks/dns/index.js';
import { Args, countFlag, Flags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { inputLines } from '../../src/platform/cli/input.js';
import { checkRate, LoadCommand, type LoadFlagValues, loadFlags } from '../../src/platform/cli/load-command.js';
import { closedLoop, constantRate } from '../../src/platform/load/schedule.js';

type Tools = Awaited<ReturnType<typeof loadBench>>;
type Server = ReturnType<Tools['parseServer']>;
type Queries = InstanceType<Tools['QueryList']>;

const BLOCK = 'dns';
const NOERROR = 0;

export default class DnsBench extends LoadCommand {
  static override summary = 'measure how many queries a name server answers, and how fast';
  static override description =
    `Asks the server of --server for NAME, or for the names of --names in turn: a name and a type a line, as dnsperf has them. Without a
server a daemon of its own is started on a free port and an empty file, with a zone of --records names, and stopped afterwards.

As fast as answers come, --pipeline of them under way on each of --connections (over UDP: sockets), unless there is a --rate: then
latency is told from the intended start, too. Answers may come in any order; over UDP one that does not come within --timeout is lost,
and counted under timeout. Answers are counted by their rcode, +TC where they were cut short. A server that is not on this machine is
asked for, or wants --yes.

Pipes get a name and a value on each line, between tabs; --json prints the document of ds limit load.

Exit codes: 0 measured; 1 nothing was answered, or nothing with NOERROR; 2 bad input; 3 the server could not be reached; 4 a file could
not be written; 130 interrupted, after the report.`;
  static override examples = [
    { description: 'A thousand names, on this machine', command: '<%= config.bin %> <%= command.id %> -d 2s' },
    {
      description: 'The same over TCP, at a steady rate',
      command: '<%= config.bin %> <%= command.id %> --tcp --rate 2000/s -d 2s',
    },
    {
      description: 'A running server, by a file of names',
      command: `<%= config.bin %> dns record set www.shop.test A 10.0.0.7 --create
<%= config.bin %> dns serve --detach
printf 'www.shop.test A\\nshop.test NS\\n' > names
<%= config.bin %> <%= command.id %> --server 127.0.0.1:1053 --names names -d 2s
<%= config.bin %> down dns`,
    },
  ];
  static override args = {
    name: Args.string({ description: 'what is asked for, with --server' }),
    type: Args.string({ default: 'A', description: 'record type' }),
  };
  static override flags = {
    ...loadFlags({ durationMs: 5_000, connections: 10 }),
    server: Flags.string({
      char: 's',
      helpValue: 'SERVER',
      helpGroup: 'TARGET',
      description: 'name server to measure: an address, udp://, tcp:// or tls:// (default: a daemon of its own)',
    }),
    port: countFlag({ char: 'p', max: 65_535, helpGroup: 'TARGET', description: 'where the server has none' }),
    tcp: Flags.boolean({ helpGroup: 'TARGET', description: 'over TCP' }),
    'tls-insecure': Flags.boolean({ helpGroup: 'TARGET', description: 'take any certificate' }),
    pipeline: countFlag({
      char: 'P',
      default: 10,
      max: 1_000,
      helpGroup: 'LOAD',
      description: 'queries under way on each connection',
    }),
    names: Flags.string({
      helpValue: 'FILE|-',
      helpGroup: 'LOAD',
      dependsOn: ['server'],
      description: 'names to ask for, one a line with its type',
    }),
    records: countFlag({
      default: 1_000,
      max: 1_000_000,
      helpGroup: 'LOAD',
      exclusive: ['server'],
      description: 'names in the zone of its own daemon, each in turn',
    }),
    recurse: Flags.boolean({ allowNo: true, default: true, helpGroup: 'LOAD', description: 'ask for recursion (RD)' }),
    edns: Flags.boolean({ allowNo: true, default: true, helpGroup: 'LOAD', description: 'ask with EDNS' }),
    dnssec: Flags.boolean({ helpGroup: 'LOAD', description: 'ask for signatures (DO)' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(DnsBench);
    const tools = await loadBench();
    const { recurse, edns, dnssec, server } = flags;
    const queries = new tools.QueryList({ recursionDesired: recurse, edns, dnssec });
    if (server === undefined) {
      if (args.name !== undefined) throw missing('--server', `ds dns bench ${args.name} --server 127.0.0.1:1053`);
      return this.benchOwn(tools, queries, flags);
    }
    if (flags.names !== undefined) {
      for await (const line of inputLines(flags.names)) {
        const question = tools.readNamesLine(line);
        if (question !== undefined) queries.add(question);
      }
    } else if (args.name !== undefined) {
      queries.add({ name: tools.readTypedName(args.name), type: tools.parseType(args.type), class: tools.RRClass.IN });
    }
    if (queries.count === 0) throw missing('a name', `ds dns bench www.shop.test --server ${server}, or --names FILE`);
    const transport = flags.tcp ? 'tcp' : 'udp';
    const parsed = tools.parseServer(server, {
      transport,
      ...(flags.port === undefined ? {} : { defaultPort: flags.port }),
    });
    return this.measure(tools, parsed, queries, flags);
  }

  /** A daemon with a zone of its own, for that time. */
  private async benchOwn(tools: Tools, queries: Queries, flags: BenchFlags): Promise<number> {
    const { env, program, clock, signal } = this.context;
    const { withPrivateDaemon } = await import('../../src/platform/load/private-daemon.js');
    for (const question of tools.benchQuestions(flags.records)) queries.add(question);
    const folder = await mkdtemp(join(tmpdir(), 'ds-bench-zone-'));
    try {
      const file = join(folder, `${tools.BENCH_ZONE}.zone`);
      await writeFile(file, tools.benchZoneFile(flags.records));
      this.out.detail(`starting a ds dns serve of its own, on a free port, with ${flags.records} names`);
      const args = ['--zone-file', file];
      return await withPrivateDaemon(
        { block: BLOCK, options: dnsOptions, args, program, env, clock, signal },
        ({ udp = '', tcp = '' }) => this.measure(tools, tools.parseServer(flags.tcp ? tcp : udp), queries, flags),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** A closed loop, unless a rate is given. */
  private async measure(tools: Tools, server: Server, queries: Queries, flags: BenchFlags): Promise<number> {
    const schedule = flags.rate === undefined ? closedLoop : constantRate(checkRate(flags.rate));
    await this.confirmHost(server.host, server.shown, flags.yes);
    const { clock, random } = this.context;
    const { pipeline, timeout } = flags;
    const verify = !flags['tls-insecure'];
    const driver = new tools.DnsDriver({ server, queries, pipeline, clock, random, timeoutMs: timeout, verify });
    return this.load(driver, schedule, flags, ({ answered, codes }) => {
      const isOfUse = (codes.get(NOERROR) ?? 0) > 0;
      if (answered > 0 && !isOfUse) this.out.warn(`no answer of ${server.shown} was NOERROR`);
      return isOfUse;
    });
  }
}

interface BenchFlags extends LoadFlagValues {
  readonly rate?: Parameters<typeof checkRate>[0] | undefined;
  readonly records: number;
  readonly tcp: boolean;
  readonly 'tls-insecure': boolean;
  readonly pipeline: number;
  readonly yes: boolean;
}

function missing(what: string, hint: string) {
  return cliErrors.error('usage.missing', `missing ${what}`, { hint });
}
