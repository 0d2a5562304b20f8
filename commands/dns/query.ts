import { loadQuery, loadTrace } from '../../src/blocks/dns/index.js';
import { type Column, countFlag, DsCommand, durationFlag, Flags } from '../../src/platform/cli/command.js';
import { exitCodeOf } from '../../src/platform/cli/exit-codes.js';
import { inputLines } from '../../src/platform/cli/input.js';
import { makeOutput } from '../../src/platform/cli/output-flags.js';
import { speaksUnicode } from '../../src/platform/cli/plot.js';
import type { Color } from '../../src/platform/colors.js';
import { DsError } from '../../src/platform/errors.js';
import { formatDuration } from '../../src/platform/units.js';

type Query = Awaited<ReturnType<typeof loadQuery>>;
type Line = ReturnType<Query['readQueryWords']>;
type Lookup = Line['lookups'][number];
type Outcome = ReturnType<Query['outcomeOf']>;
type Asker = InstanceType<Query['Asker']>;
type Result = ReturnType<Query['runQueries']> extends AsyncIterable<infer R> ? R : never;
type Answered = Extract<Result, { kind: 'answered' }>;
type Failed = Extract<Result, { kind: 'failed' }>;
type Later = Extract<Result, { kind: 'transfer' | 'trace' }>;

type RunOptions = Parameters<Query['runQueries']>[1];

type Mode = 'json' | 'short' | 'dig' | 'table';

/** A record, or on a terminal what came of a lookup without any. */
interface Row {
  readonly name: string;
  readonly ttl?: number;
  readonly class?: string;
  readonly type: string;
  readonly data: string;
  readonly tone?: Color | undefined;
}

const columns: readonly Column<Row>[] = [
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

/** Green would be too much for the usual case: only what is no answer has a colour. */
function toneOf(kind: Outcome['kind']): Color | undefined {
  if (kind === 'answer' || kind === 'referral') return undefined;
  return kind === 'nxdomain' || kind === 'nodata' ? 'yellow' : 'red';
}

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

  private query!: Query;
  private mode: Mode = 'table';
  private batch = false;
  private greeted = false;
  private exitCode = 0;
  /** Of a batch on a terminal, not yet shown. */
  private rows: Row[] = [];

  protected async execute(): Promise<number> {
    this.query = await loadQuery();
    const { flags: typed, words } = this.query.splitArguments(this.argv, DnsQuery.flags);
    const { flags } = await this.parse(DnsQuery, typed);
    const line = this.query.readQueryWords(words, {
      ...this.query.settingsOfFlags(flags),
      ...(flags.reverse === undefined ? {} : { reverse: flags.reverse }),
      ...(flags.file === undefined ? {} : { files: flags.file }),
    });
    if (line.line.json) this.out = makeOutput({ ...flags, json: true });
    this.mode = this.chooseMode(line, flags);
    const failOn = this.query.readFailOn(flags['fail-on'] ?? '');
    for (const warning of line.warnings) this.out.warn(warning);
    const { clock, random, signal } = this.context;
    const asker = new this.query.Asker({
      clock,
      random,
      signal,
      ...(flags['resolv-conf'] === undefined ? {} : { resolvConf: flags['resolv-conf'] }),
    });
    try {
      const options = { asker, words, concurrency: flags.concurrency, linesOf: inputLines };
      await this.askAll(line, options, failOn);
    } finally {
      await asker.close();
    }
    return this.exitCode;
  }

  private chooseMode(line: Line, { dig, table }: { readonly dig: boolean; readonly table: boolean }): Mode {
    if (this.out.json) return 'json';
    if (line.line.short) return 'short';
    if (dig || (!table && (line.wantsDig || (line.isDig && !this.out.isTerminal)))) return 'dig';
    return 'table';
  }

  private async askAll(line: Line, options: RunOptions, failOn: ReadonlySet<string>): Promise<void> {
    const { isBatch, runQueries } = this.query;
    this.batch = isBatch(line);
    for await (const result of runQueries(line, options)) {
      if (result.kind === 'failed') this.failed(result);
      else if (result.kind === 'answered') this.answered(result, failOn);
      else {
        const carriedOut =
          result.kind === 'trace' ? this.traced(result, failOn) : this.transferred(result, options.asker);
        await carriedOut.catch((error) => this.failed({ ...result, kind: 'failed', error }));
      }
    }
    this.flush();
  }

  /** A line of a file may be asked for in short, too. */
  private modeOf({ short }: Answered['line']): Mode {
    return short && this.mode !== 'json' ? 'short' : this.mode;
  }

  private greeting({ line, lookup, words }: Answered | Later): string[] {
    if (words === undefined || !line.cmd) return [];
    const program = `ds dns query ${this.context.version}`;
    const isFirst = !this.greeted;
    this.greeted = true;
    return this.query.digGreeting(program, words, lookup.settings.servers.length, isFirst);
  }

  private answered(result: Answered, failOn: ReadonlySet<string>): void {
    const { digLookup, isMet, lookupJson, outcomeOf, recordRow, reportOf, shortLines } = this.query;
    const { lookup, line, found } = result;
    const { response } = found.exchange;
    const { settings } = lookup;
    if (isMet(failOn, response)) this.exitCode = Math.max(this.exitCode, 1);
    const outcome = outcomeOf(response);
    const mode = this.modeOf(line);
    if (mode === 'json') this.document(lookupJson(found));
    else if (mode === 'dig') this.print(digLookup(found, settings, line, this.greeting(result)));
    else if (mode === 'short') {
      this.print(shortLines(response, settings.style, settings.identify ? reportOf(found) : undefined));
      this.note(outcome);
    } else {
      const records = outcome.kind === 'referral' ? response.authorities : response.answers;
      this.tabled(records.map(recordRow), lookup, outcome, () => this.sayWhence(found));
    }
  }

  /** Rows now, or with those of the next lookups; on a terminal what came of it stands among them or below. */
  private tabled(rows: readonly Row[], { name, type }: Lookup, outcome: Outcome, sayWhence: () => void): void {
    const { isTerminal } = this.out;
    const tone = toneOf(outcome.kind);
    if (this.batch && isTerminal) {
      const said =
        outcome.text === undefined ? [] : [{ name, type: this.query.typeName(type), data: outcome.text, tone }];
      this.rows.push(...rows, ...said);
      if (this.rows.length >= TABLE_ROWS) this.flush();
      return;
    }
    if (rows.length > 0) this.out.table(columns, rows);
    if (isTerminal) {
      const text = this.query.sayOutcome(outcome);
      if (text !== undefined) this.out.line(text, tone);
      sayWhence();
    } else this.note(outcome);
  }

  private note(outcome: Outcome): void {
    const text = this.query.sayOutcome(outcome);
    if (text !== undefined) this.out.note(text, toneOf(outcome.kind));
  }

  private sayWhence({ exchange }: Answered['found']): void {
    const { server, address, elapsedMs, octets, transport, truncatedUdp, response } = exchange;
    const host = server.host === address ? '' : ` (${address})`;
    const over = truncatedUdp ? `, over ${transport} since it was too long for udp` : '';
    const authority = response.authoritative ? ', authoritative' : '';
    this.out.line(
      `from ${server.shown}${host} in ${elapsedMs.toFixed(1)} ms, ${octets} octets${over}${authority}`,
      'dim',
    );
  }

  private async transferred(result: Later, asker: Asker): Promise<void> {
    const { digTransferEnd, digTransferLines, recordRow, shortLines, TransferTally, transferJson } = this.query;
    const { clock } = this.context;
    const { lookup, line } = result;
    const { settings } = lookup;
    const mode = this.modeOf(line);
    const tally = new TransferTally(clock.monotonic());
    for await (const part of asker.transfer(lookup)) {
      if (mode === 'dig' && tally.messages === 0) this.print(this.greeting(result));
      const records = tally.take(part, settings.oneSoa);
      if (mode === 'json') this.out.item(transferJson(part, clock.now()), '');
      else if (mode === 'short') this.print(shortLines({ answers: records }, settings.style));
      else if (mode === 'dig') this.print(digTransferLines(records, settings.style));
      else this.out.table(columns, records.map(recordRow));
    }
    if (mode === 'dig' && settings.stats) {
      this.print(digTransferEnd(tally, clock.now(), clock.monotonic(), line.micros));
    }
  }

  /** As `ds dns trace` shows it, or as dig does. */
  private async traced(result: Later, failOn: ReadonlySet<string>): Promise<void> {
    const tools = await loadTrace();
    const { clock, random, signal } = this.context;
    const { lookup, line } = result;
    const { trace, roots } = await tools.traceLookup(lookup, { clock, random, signal });
    const mode = this.modeOf(line);
    const { style } = lookup.settings;
    if (mode === 'json') this.document(tools.traceJson(trace));
    else if (mode === 'short') this.print(this.query.shortLines(tools.traceEnd(trace), style));
    else if (mode === 'dig') this.print([...this.greeting(result), ...tools.digTrace(trace, roots, style)]);
    else if (this.out.isTerminal) {
      const unicode = speaksUnicode(this.context.env);
      for (const part of tools.traceTree(trace, { unicode })) this.out.styled(...part);
      this.out.table(columns, tools.traceAnswers(trace));
    } else this.out.table(columns, tools.traceAnswers(trace));
    const failure = tools.traceFailure(trace);
    if (failure !== undefined && mode !== 'json') throw failure;
    if (trace.end.kind === 'failed') this.exitCode = 3;
    else if (tools.isMet(failOn, trace.end.exchange.response)) this.exitCode = Math.max(this.exitCode, 1);
  }

  private failed({ error, lookup, place }: Failed): void {
    if (!(error instanceof DsError) || error.kind === 'interrupted' || !this.batch) throw error;
    this.exitCode = Math.max(this.exitCode, exitCodeOf(error.kind));
    const { code, message, hint } = error;
    if (this.mode === 'json') {
      const asked = lookup === undefined ? {} : { QNAME: lookup.name, QTYPEname: this.query.typeName(lookup.type) };
      this.out.item({ ...asked, ...place, error: { code, message, ...(hint === undefined ? {} : { hint }) } }, '');
      return;
    }
    this.flush();
    const where = place === undefined ? (lookup?.name ?? '') : this.query.sayPlace(place);
    this.out.warn(`${where}: ${message}`);
  }

  private document(value: Readonly<Record<string, unknown>>): void {
    if (this.batch) this.out.item(value, '');
    else this.out.document(value, () => {});
  }

  /** All at once: a write for each line would take longer than the query. */
  private print(lines: readonly string[]): void {
    if (lines.length > 0) this.out.drawing(`${lines.join('\n')}\n`);
  }

  private flush(): void {
    if (this.rows.length > 0) this.out.table(columns, this.rows);
    this.rows = [];
  }
}
