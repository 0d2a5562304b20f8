import { loadQuery, loadTrace, type QueryRow, type QueryView, type Shown } from '../../src/blocks/dns/index.js';
import { type Column, countFlag, DsCommand, durationFlag, Flags } from '../../src/platform/cli/command.js';
import { exitCodeOf } from '../../src/platform/cli/exit-codes.js';
import { inputLines } from '../../src/platform/cli/input.js';
import { makeOutput } from '../../src/platform/cli/output-flags.js';
import { speaksUnicode } from '../../src/platform/cli/plot.js';
import { DsError } from '../../src/platform/errors.js';
import { formatDuration } from '../../src/platform/units.js';

type Query = Awaited<ReturnType<typeof loadQuery>>;
type Line = ReturnType<Query['readQueryWords']>;
type Result = ReturnType<Query['runQueries']> extends AsyncIterable<infer R> ? R : never;
type Failed = Extract<Result, { kind: 'failed' }>;
type Later = Extract<Result, { kind: 'transfer' | 'trace' }>;
type RunOptions = Parameters<Query['runQueries']>[1];

const columns: readonly Column<QueryRow>[] = [
  { header: 'name', value: ({ name }) => name, keep: true },
  {
    header: 'ttl',
    value: ({ ttl }) => ttl,
    display: ({ ttl }) => (ttl === undefined ? '' : formatDuration(ttl * 1000)),
    align: 'right',
  },
  { header: 'class', value: (row) => row.class, color: () => 'dim', optional: true },
  { header: 'type', value: ({ type }) => type, keep: true },
  { header: 'data', value: ({ data }) => data, color: ({ tone }) => tone },
];

/** Rows of a batch that become one table on a terminal. */
const TABLE_ROWS = 100;

export default class DnsQuery extends DsCommand {
  static override strict = false;
  static override usage = 'NAME [TYPE] [@SERVER] [+OPTION...]';
  static override summary = 'ask name servers, as dig does';
  static override description =
    `Takes dig's habits, with its words in any order, several names on one line, and a long flag for each: @server, types and classes,
-x ADDRESS, -p PORT, -t, -c, -q, -f FILE, -4, -6, -u, and +options such as +short +dnssec +tcp +tls +https +norecurse +nsid +subnet=NET
+cookie +bufsize=N +time=S +tries=N +search +multiline +noall +answer. Without a server those of resolv.conf are asked.

A server is an address or a host, with a port behind : or #, or a URL: udp:// tcp:// tls:// https://. Certificates are checked,
with +tls and +https, too; --tls-insecure takes any. Over UDP, a reply counts only when it comes from where it was asked, with the
id and question of the query; what is cut short is asked for again over TCP.

A terminal gets a table and a plain line on what came of it. What is about dig's text (+noall, +answer, +multiline …) or --dig gives that
text. A pipe gets name, TTL, class, type and data of the answers between tabs; but dig's text when dig's words were used (@, + or
an option such as -x), so that scripts written for dig find what they look for; --table keeps to tabs. --short or +short gives
the data alone. --json or +json prints the message as RFC 8427 has it, with server, query_time_ms, size and outcome (answer,
nodata, nxdomain, referral, servfail, refused, failure); with several names one object a line.

Exit codes: 0 answered, whatever the answer; 1 what --fail-on names was met; 2 bad input; 3 a server did not answer, or cannot be
trusted; 130 interrupted. With several names the others are asked all the same, and the highest code stands.`;
  static override examples = [
    {
      description: 'A name of a server of your own; only its data; what a script makes of it',
      command: `<%= config.bin %> dns record set www.shop.test A 10.0.0.7 --create
<%= config.bin %> dns serve --detach
<%= config.bin %> <%= command.id %> www.shop.test @127.0.0.1 -p 1053
<%= config.bin %> <%= command.id %> www.shop.test @127.0.0.1 -p 1053 +short
<%= config.bin %> <%= command.id %> www.shop.test --server 127.0.0.1:1053 --json | grep -o '"rdataA":"[^"]*"'`,
    },
    {
      description: 'Several names and types; what does not exist is met by --fail-on, and the shell hears of it',
      command: `<%= config.bin %> <%= command.id %> @127.0.0.1:1053 www.shop.test A shop.test SOA +noall +answer
<%= config.bin %> <%= command.id %> @127.0.0.1:1053 nosuch.shop.test --fail-on nxdomain || echo there is no such name`,
    },
    {
      description: 'A list of names, 32 at once, answers in the order of the list',
      command: `printf 'www.shop.test\\nshop.test NS\\n' | <%= config.bin %> <%= command.id %> - --server 127.0.0.1:1053
<%= config.bin %> down dns`,
    },
  ];
  static override flags = {
    server: Flags.string({
      char: 's',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SERVER',
      description: 'as @SERVER; given again, the next to ask when one does not answer',
    }),
    port: countFlag({ max: 65_535, description: 'as -p: where the server has none (default: that of the transport)' }),
    type: Flags.string({ helpValue: 'TYPE', description: 'as -t (default: A)' }),
    class: Flags.string({ helpValue: 'CLASS', description: 'as -c (default: IN)' }),
    reverse: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ADDRESS',
      description: 'as -x: the name of an address',
    }),
    file: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FILE',
      description: 'as -f: a query on each line, as on the command line; - is stdin',
    }),
    concurrency: countFlag({ default: 32, max: 10_000, description: 'queries under way at once' }),
    tcp: Flags.boolean({ description: 'as +tcp', exclusive: ['tls', 'https', 'https-get'] }),
    tls: Flags.boolean({ description: 'as +tls (RFC 7858)', exclusive: ['https', 'https-get'] }),
    https: Flags.boolean({ description: 'as +https: by POST (RFC 8484)' }),
    'https-get': Flags.boolean({ description: 'as +https-get', exclusive: ['https'] }),
    'tls-ca': Flags.string({ helpValue: 'FILE', description: 'authorities to trust, in place of the usual ones' }),
    'tls-hostname': Flags.string({ helpValue: 'NAME', description: 'the name that the certificate has to be for' }),
    'tls-insecure': Flags.boolean({ description: 'take any certificate' }),
    ipv4: Flags.boolean({ description: 'as -4', exclusive: ['ipv6'] }),
    ipv6: Flags.boolean({ description: 'as -6' }),
    timeout: durationFlag({ min: 1, max: 3_600_000, description: 'for one attempt (default: 5s, or of resolv.conf)' }),
    retries: countFlag({ min: 0, max: 100, description: 'attempts after the first (default: 2, or of resolv.conf)' }),
    recurse: Flags.boolean({ allowNo: true, description: 'as +recurse (default: yes)' }),
    dnssec: Flags.boolean({ description: 'as +dnssec: with signatures' }),
    'checking-disabled': Flags.boolean({ description: 'as +cdflag' }),
    edns: Flags.boolean({ allowNo: true, description: 'as +edns (default: yes)' }),
    'udp-size': countFlag({ min: 0, max: 65_535, description: 'as +bufsize (default: 1232)' }),
    cookie: Flags.boolean({ allowNo: true, description: 'as +cookie (default: yes)' }),
    nsid: Flags.boolean({ description: 'as +nsid: which of several machines answers' }),
    subnet: Flags.string({ helpValue: 'NETWORK', description: 'as +subnet: for whom the answer is to be (RFC 7871)' }),
    padding: countFlag({ min: 0, max: 512, description: 'as +padding (default: 128 over TLS and HTTPS)' }),
    ignore: Flags.boolean({ description: 'as +ignore: take what is cut short' }),
    search: Flags.boolean({ description: 'as +search: with the search list of resolv.conf' }),
    'resolv-conf': Flags.string({ helpValue: 'FILE', description: 'in place of /etc/resolv.conf' }),
    trace: Flags.boolean({ description: 'as +trace: follow delegations from the root' }),
    'fail-on': Flags.string({ helpValue: 'LIST', description: 'exit 1 on nxdomain, nodata, servfail, refused …' }),
    short: Flags.boolean({ description: 'as +short: the data of answers', exclusive: ['dig', 'table'] }),
    dig: Flags.boolean({ description: "dig's text", exclusive: ['table'] }),
    table: Flags.boolean({ description: "a table, in a pipe tabs, whatever of dig's words are used" }),
  };

  private exitCode = 0;
  /** Of a batch on a terminal, not yet shown. */
  private rows: QueryRow[] = [];

  protected async execute(): Promise<number> {
    const query = await loadQuery();
    const { flags: typed, words } = query.splitArguments(this.argv, DnsQuery.flags);
    const { flags } = await this.parse(DnsQuery, typed);
    const line = query.readQueryWords(words, {
      ...query.settingsOfFlags(flags),
      ...(flags.reverse === undefined ? {} : { reverse: flags.reverse }),
      ...(flags.file === undefined ? {} : { files: flags.file }),
    });
    if (line.line.json) this.out = makeOutput({ ...flags, json: true });
    const failOn = query.readFailOn(flags['fail-on'] ?? '');
    for (const warning of line.warnings) this.out.warn(warning);
    const { clock, random, signal } = this.context;
    const asker = new query.Asker({
      clock,
      random,
      signal,
      ...(flags['resolv-conf'] === undefined ? {} : { resolvConf: flags['resolv-conf'] }),
    });
    try {
      const run = { asker, words, concurrency: flags.concurrency, linesOf: inputLines };
      await this.askAll(query, line, { run, failOn, view: this.makeView(query, line, flags) });
    } finally {
      await asker.close();
    }
    return this.exitCode;
  }

  private makeView(query: Query, line: Line, flags: { readonly dig: boolean; readonly table: boolean }): QueryView {
    const { json, isTerminal } = this.out;
    const mode = query.queryMode(line, { json, isTerminal, dig: flags.dig, table: flags.table });
    const program = `ds dns query ${this.context.version}`;
    return new query.QueryView({ mode, isBatch: query.isBatch(line), isTerminal, program });
  }

  private async askAll(query: Query, line: Line, { run, failOn, view }: Asking): Promise<void> {
    const isBatch = query.isBatch(line);
    const { clock } = this.context;
    for await (const result of query.runQueries(line, run)) {
      try {
        if (result.kind === 'failed') throw result.error;
        if (result.kind === 'answered') {
          if (query.isMet(failOn, result.found.exchange.response)) this.exitCode = Math.max(this.exitCode, 1);
          for (const shown of view.answered(result)) this.show(shown);
        } else if (result.kind === 'transfer') {
          const parts = run.asker.transfer(result.lookup);
          for await (const shown of view.transferred(result, parts, clock)) this.show(shown);
        } else await this.traced(result, view, failOn);
      } catch (error) {
        if (!isBatch) throw error;
        this.failed(query, view, { ...result, kind: 'failed', error });
      }
    }
    this.flush();
  }

  private show(shown: Shown): void {
    if (shown.kind === 'item') this.out.item(shown.value, '');
    else if (shown.kind === 'document') this.out.document(shown.value, () => {});
    else if (shown.kind === 'text') this.print(shown.lines);
    else if (shown.kind === 'line') this.out.line(shown.text, shown.tone);
    else if (shown.kind === 'note') this.out.note(shown.text, shown.tone);
    else if (shown.kind === 'rows') this.table(shown.rows);
    else {
      this.rows.push(...shown.rows);
      if (this.rows.length >= TABLE_ROWS) this.flush();
    }
  }

  /** As `ds dns trace` shows it, or as dig does. */
  private async traced(result: Later, view: QueryView, failOn: ReadonlySet<string>): Promise<void> {
    const tools = await loadTrace();
    const { clock, random, signal, env } = this.context;
    const { trace, roots } = await tools.traceLookup(result.lookup, { clock, random, signal });
    const mode = view.modeOf(result.line);
    const { style } = result.lookup.settings;
    if (mode === 'json') this.show(view.document(tools.traceJson(trace)));
    else if (mode === 'short') this.print(tools.shortLines(tools.traceEnd(trace), style));
    else if (mode === 'dig') this.print([...view.greeting(result), ...tools.digTrace(trace, roots, style)]);
    else {
      const parts = this.out.isTerminal ? tools.traceTree(trace, { unicode: speaksUnicode(env) }) : [];
      for (const part of parts) this.out.styled(...part);
      this.out.table(columns, tools.traceAnswers(trace));
    }
    const failure = tools.traceFailure(trace);
    if (failure !== undefined && mode !== 'json') throw failure;
    if (trace.end.kind === 'failed') this.exitCode = 3;
    else if (tools.isMet(failOn, trace.end.exchange.response)) this.exitCode = Math.max(this.exitCode, 1);
  }

  /** One of several: the others are asked all the same, unless what failed is no lookup: the way to stdout is full. */
  private failed(query: Query, view: QueryView, { error, lookup, place }: Failed): void {
    if (!(error instanceof DsError) || error.kind === 'interrupted' || error.kind === 'storage') throw error;
    this.exitCode = Math.max(this.exitCode, exitCodeOf(error.kind));
    const { code, message, hint } = error;
    if (this.out.json) {
      const asked = lookup === undefined ? {} : { QNAME: lookup.name, QTYPEname: query.typeName(lookup.type) };
      const told = { code, message, ...(hint === undefined ? {} : { hint }) };
      this.show(view.document({ ...asked, ...place, error: told }));
      return;
    }
    this.flush();
    this.out.warn(`${place === undefined ? (lookup?.name ?? '') : query.sayPlace(place)}: ${message}`);
  }

  /** All at once: a write for each line would take longer than the query. */
  private print(lines: readonly string[]): void {
    if (lines.length > 0) this.out.drawing(`${lines.join('\n')}\n`);
  }

  private flush(): void {
    this.table(this.rows);
    this.rows = [];
  }

  private table(rows: readonly QueryRow[]): void {
    if (rows.length > 0) this.out.table(columns, rows);
  }
}

interface Asking {
  readonly run: RunOptions;
  readonly failOn: ReadonlySet<string>;
  readonly view: QueryView;
}
