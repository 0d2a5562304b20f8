import { loadTrace } from '../../src/blocks/dns/index.js';
import { Args, type Column, countFlag, DsCommand, durationFlag, Flags } from '../../src/platform/cli/command.js';
import { speaksUnicode } from '../../src/platform/cli/plot.js';
import { formatDuration } from '../../src/platform/units.js';

type Tools = Awaited<ReturnType<typeof loadTrace>>;
type Trace = Awaited<ReturnType<Tools['traceName']>>;
type Answer = ReturnType<Tools['traceAnswers']>[number];
type Query = ReturnType<Tools['traceRows']>[number];

export default class DnsTrace extends DsCommand {
  static override summary = 'follow delegations from the root to the answer, and see why each step was taken';
  static override description =
    `Asks a server of the root, then those that it refers to, down to one that answers with authority; nothing is asked of a resolver.
Of each step it is told which server was asked and why, how long it took, and what it said: a referral, an alias to go on with, an
answer, or why it is of no use (lame: refused, failed, without authority, a referral that leads nowhere nearer). A server whose
address was not given along (no glue) is looked up in the same way. Addresses are believed from servers of a zone that they lie in,
and from no other.

The root's servers are built in; --hints reads them from a file, --hint names one by its address. All others are asked at --port.
A trace ends after 100 queries.

A terminal gets a tree; a pipe first the queries, a line each between tabs (query, number, depth, zone, server, address, name, type,
milliseconds, rcode, aa, result, message), then the answers (answer, name, TTL, class, type, data). --json prints one document: name,
type, outcome (answer, nodata, nxdomain, failed), message, answers, queries, elapsed_ms and steps, each a lookup, zone, query or skipped.

Exit codes: 0 a server answered with authority, also that there is no such name; 1 what --fail-on names was met; 2 bad input; 3 the
delegations lead to no server that answers; 130 interrupted.`;
  static override examples = [
    {
      description: 'A root of your own, whose server knows the name itself',
      command: `<%= config.bin %> dns record set www.shop.test A 10.0.0.7 --create
<%= config.bin %> dns serve --detach --listen 127.0.0.1:5300
<%= config.bin %> <%= command.id %> www.shop.test --hint 127.0.0.1:5300`,
    },
    {
      description: 'Whether a name exists: the exit code says so',
      command: `<%= config.bin %> <%= command.id %> nosuch.shop.test AAAA --hint 127.0.0.1:5300 --fail-on nxdomain || echo there is none
<%= config.bin %> down dns`,
    },
    {
      description: 'A delegation, from a root to a server of its own',
      command: `printf '. 60 SOA ns. me. 1 60 60 60 60\\n. 60 NS ns.\\nns. 60 A 127.0.0.1\\nshop.test. 60 NS ns.shop.test.\\nns.shop.test. 60 A 127.0.0.2\\n' > root.zone
<%= config.bin %> dns zone import root.zone --db root.db
<%= config.bin %> dns serve --detach --listen 127.0.0.1:5300 --db root.db
<%= config.bin %> dns serve --detach --listen 127.0.0.2:5300 --admin off
<%= config.bin %> <%= command.id %> www.shop.test --hint 127.0.0.1:5300
<%= config.bin %> <%= command.id %> www.shop.test --hints root.zone --port 5300 --json | grep -o '"refers_to":"[^"]*"'
<%= config.bin %> down dns`,
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'what is looked for' }),
    type: Args.string({ default: 'A', description: 'record type' }),
  };
  static override flags = {
    hints: Flags.string({
      helpValue: 'FILE',
      exclusive: ['hint'],
      description: 'master file with the servers of the root, such as /usr/share/dns/root.hints',
    }),
    hint: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ADDRESS[:PORT]',
      description: 'a server of the root; given again, the next to ask',
    }),
    port: countFlag({
      char: 'p',
      max: 65_535,
      description: 'of all servers (default: that of the first --hint, else 53)',
    }),
    tcp: Flags.boolean({ description: 'ask over TCP' }),
    dnssec: Flags.boolean({ description: 'with signatures' }),
    ipv4: Flags.boolean({ description: 'ask IPv4 addresses only', exclusive: ['ipv6'] }),
    ipv6: Flags.boolean({ description: 'ask IPv6 addresses only' }),
    timeout: durationFlag({ default: 2_000, min: 1, max: 3_600_000, description: 'for one attempt' }),
    retries: countFlag({ min: 0, max: 100, default: 1, description: 'attempts after the first' }),
    'fail-on': Flags.string({ helpValue: 'LIST', description: 'exit 1 on nxdomain, nodata' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(DnsTrace);
    const tools = await loadTrace();
    const failOn = tools.readFailOn(flags['fail-on'] ?? '');
    const question = {
      name: tools.readTypedName(args.name),
      type: tools.parseType(args.type),
      class: tools.RRClass.IN,
    };
    const { roots, port } = tools.rootsFor({
      ...(flags.hints === undefined ? {} : { file: flags.hints }),
      ...(flags.hint === undefined ? {} : { addresses: flags.hint }),
      ...(flags.port === undefined ? {} : { port: flags.port }),
    });
    const { clock, random, signal } = this.context;
    const spinner = await this.out.spinner(`${args.name}: asking the root`);
    const trace = await tools
      .traceName(question, {
        ...{ clock, random, signal, roots, port, tcp: flags.tcp, dnssec: flags.dnssec },
        ...{ timeoutMs: flags.timeout, retries: flags.retries },
        ...(flags.ipv4 ? { family: 4 } : flags.ipv6 ? { family: 6 } : {}),
        onAsk: (server, place, { name }) =>
          spinner.text(`${tools.sayName(name)}: asking ${tools.sayServer(server, place)}`),
      })
      .finally(() => spinner.stop());
    this.show(trace, tools);
    const failure = tools.traceFailure(trace);
    if (failure !== undefined) return this.out.json ? 3 : this.failWith(3, failure);
    return trace.end.kind !== 'failed' && tools.isMet(failOn, trace.end.exchange.response) ? 1 : 0;
  }

  private show(trace: Trace, tools: Tools): void {
    this.out.document(tools.traceJson(trace), () => {
      if (this.out.isTerminal) this.showTree(trace, tools);
      else {
        this.out.table(queryColumns, tools.traceRows(trace));
        this.out.table([{ header: '', value: () => 'answer' }, ...answerColumns], tools.traceAnswers(trace));
      }
    });
  }

  private showTree(trace: Trace, tools: Tools): void {
    const { sayEnd, sayMs, traceAnswers, traceTree } = tools;
    for (const line of traceTree(trace, { unicode: speaksUnicode(this.context.env) })) this.out.styled(...line);
    this.out.line('');
    const answers = traceAnswers(trace);
    if (answers.length > 0) this.out.table(answerColumns, answers);
    const end = trace.end.kind === 'failed' ? undefined : sayEnd(trace.end, trace.question.type);
    if (end !== undefined) this.out.line(end, 'yellow');
    const queries = `${trace.queries} ${trace.queries === 1 ? 'query' : 'queries'}`;
    this.out.line(`${queries}, ${sayMs(trace.elapsedMs)}`, 'dim');
  }
}

const answerColumns: readonly Column<Answer>[] = [
  { header: 'name', value: ({ name }) => name },
  { header: 'ttl', value: ({ ttl }) => ttl, display: ({ ttl }) => formatDuration(ttl * 1000) },
  { header: 'class', value: (answer) => answer.class },
  { header: 'type', value: ({ type }) => type },
  { header: 'data', value: ({ data }) => data },
];

const queryColumns: readonly Column<Query>[] = [
  { header: '', value: () => 'query' },
  { header: 'number', value: ({ number }) => number },
  { header: 'depth', value: ({ depth }) => depth },
  { header: 'zone', value: ({ zone }) => zone },
  { header: 'server', value: ({ server }) => server },
  { header: 'address', value: ({ address }) => address },
  { header: 'name', value: ({ name }) => name },
  { header: 'type', value: ({ type }) => type },
  { header: 'ms', value: ({ ms }) => ms },
  { header: 'rcode', value: ({ rcode }) => rcode },
  { header: 'aa', value: ({ authoritative }) => authoritative },
  { header: 'result', value: ({ result }) => result },
  { header: 'message', value: ({ message }) => message },
];
