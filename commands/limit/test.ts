import { writeFileSync } from 'node:fs';
import { loadTester, readHeader } from '../../src/blocks/limit/index.js';
import { Args, countFlag, DsCommand, durationFlag, Flags, quoteForShell } from '../../src/platform/cli/command.js';
import { confirm } from '../../src/platform/cli/confirm.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { renderPlot, speaksUnicode } from '../../src/platform/cli/plot.js';
import { messageOf } from '../../src/platform/errors.js';

const DEFAULT_POLICY = 'clone.yaml';

type Tester = Awaited<ReturnType<typeof loadTester>>;
type Report = Awaited<ReturnType<Tester['testEndpoint']>>;

export default class LimitTest extends DsCommand {
  static override summary = 'find out what rate limit an HTTP endpoint really enforces';
  static override description =
    `Starts from idle, runs into the limit once, watches it recover, and then chooses each experiment so that it tells the
explanations that are left apart: token bucket (GCRA decides alike), fixed window, window from the first request on, sliding
counter, sliding log, a queue that delays, a limit on requests in flight. Says which one it is, its limit and window as what
they are known to lie between, what else would explain what was seen, and how sure it is. Start it when nobody else uses the
same quota.

What the server declares (RateLimit, X-RateLimit-*, Retry-After) is read and then only confirmed; --ignore-declared finds out
without. Refused is what answers 429, what answers 403 or 503 where the first request was served, a connection that is
dropped, and what --refused-when describes.

Polite: one request at a time as long as that is enough, HEAD unless told otherwise, no redirect followed, budgets of requests,
bytes and time. A target that is not this machine is asked for, or wants --yes, and is never asked before its Retry-After has
passed; on this machine that is not waited for, since whether it is true is the question. A server that fails (5xx) or
becomes slow is left alone.

Pipes get a name and a value on each line, between tabs. --json prints one document: family, algorithm, limit and window_ms (or
interval_ms; value, low, high), confidence, mispredicted, rivals, declared, scope, requests, bytes, duration_ms, run.

Exit codes: 0 found; 1 no limit within the budgets, or not enough seen to name one; 2 bad input; 3 the server could not be
reached, fails, or does not speak HTTP; 4 the policy could not be written; 130 interrupted.`;
  static override examples = [
    {
      description: 'A server with a limit of 20 a second, and what is found out about it',
      command: `printf 'policies: [{name: api, limits: [{rate: 20/s}]}]' > api.yaml
<%= config.bin %> limit serve --policy api.yaml --detach
<%= config.bin %> <%= command.id %> http://127.0.0.1:8391/auth`,
    },
    {
      description: 'Without believing what it declares, for a script',
      command:
        '<%= config.bin %> <%= command.id %> http://127.0.0.1:8391/auth --ignore-declared --json | grep -o \'"family":[^,]*\'',
    },
    {
      description: 'Clone the limit, to be enforced by ds limit serve --policy clone.yaml',
      command: `<%= config.bin %> <%= command.id %> http://127.0.0.1:8391/auth --emit clone.yaml
<%= config.bin %> limit policy check clone.yaml
<%= config.bin %> down limit`,
    },
  ];
  static override args = {
    url: Args.string({ required: true, description: 'http:// or https://, with path and query' }),
  };
  static override flags = {
    method: Flags.string({ char: 'X', helpValue: 'METHOD', default: 'HEAD', description: 'method of the requests' }),
    header: Flags.string({
      char: 'H',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: "'NAME: VALUE'",
      description: 'header to send; may be given more than once',
    }),
    body: Flags.string({ helpValue: 'TEXT', description: 'body to send' }),
    'refused-when': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'RULE',
      description: 'what is a refusal, too: status=403, header:NAME, header:NAME=VALUE, body~TEXT (with -X GET)',
    }),
    'ignore-declared': Flags.boolean({ description: 'find out without what the server says of its limit' }),
    scope: Flags.boolean({ description: 'find out, too, what is counted apart: connection, query, method, headers' }),
    'other-path': Flags.string({
      helpValue: 'PATH',
      description: 'a second path, to see whether it is counted apart (with --scope)',
    }),
    'other-header': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: "'NAME: VALUE'",
      description: 'a header with another value, such as a second API key (with --scope)',
    }),
    emit: Flags.string({
      helpValue: 'FILE',
      description: 'write the limit as a policy for ds limit serve; - is stdout, alone',
    }),
    'max-requests': countFlag({ default: 2000, description: 'requests, at most' }),
    'max-bytes': countFlag({ default: 16_777_216, description: 'bytes of answers, at most' }),
    'max-time': durationFlag({ default: 300_000, min: 1000, description: 'how long, at most' }),
    timeout: durationFlag({ default: 30_000, min: 1, description: 'for one answer' }),
    yes: Flags.boolean({ char: 'y', description: 'test a server that is not this machine without being asked' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(LimitTest);
    const tester = await loadTester();
    const url = tester.readTestUrl(args.url);
    if (!tester.isLoopback(url) && !flags.yes) {
      const question = `send up to ${flags['max-requests']} requests to ${url.host}?`;
      if (!(await confirm(question, `ds limit test ${quoteForShell(args.url)} --yes`))) return 1;
    }
    const spinner = await this.out.spinner(`testing ${url.host}`);
    const { clock, version, signal } = this.context;
    const report = await tester
      .testEndpoint({
        url,
        method: flags.method.toUpperCase(),
        headers: Object.fromEntries((flags.header ?? []).map(readHeader)),
        ...(flags.body === undefined ? {} : { body: flags.body }),
        refusedWhen: flags['refused-when'] ?? [],
        timeoutMs: flags.timeout,
        ignoreDeclared: flags['ignore-declared'],
        scope: flags.scope,
        ...(flags['other-path'] === undefined ? {} : { otherPath: flags['other-path'] }),
        otherHeaders: Object.fromEntries((flags['other-header'] ?? []).map(readHeader)),
        maxRequests: flags['max-requests'],
        maxBytes: flags['max-bytes'],
        maxTimeMs: flags['max-time'],
        version,
        clock,
        signal,
        tell: (phase) => spinner.text(phase),
      })
      .finally(() => spinner.stop());
    this.emit(tester, report, url, flags.emit);
    if (flags.emit === '-') {
      if (report.finding === undefined) this.out.note(`no limit found: ${report.summary}`);
      return report.finding === undefined ? 1 : 0;
    }
    if (this.out.json) this.out.document(tester.toRecord(report), () => {});
    else await this.show(tester, report);
    return report.finding === undefined ? 1 : 0;
  }

  private emit(tester: Tester, { finding }: Report, url: URL, file: string | undefined): void {
    if (file === undefined || finding === undefined) return;
    const policy = tester.policyOf(finding, url);
    try {
      if (file === '-') this.out.line(policy.trimEnd());
      else writeFileSync(file, policy);
    } catch (error) {
      throw cliErrors.error('cli.output_failed', `--emit ${file} cannot be written: ${messageOf(error)}`, {
        hint: `--emit ${DEFAULT_POLICY}`,
        cause: error,
      });
    }
  }

  private async show(tester: Tester, report: Report): Promise<void> {
    if (!this.out.isTerminal) {
      for (const [name, value] of tester.factsOf(report)) this.out.line(`${name}\t${value}`);
      return;
    }
    const [[, verdict] = ['', ''], ...facts] = tester.factsOf(report);
    const color = report.finding === undefined ? 'yellow' : report.confidence === 'high' ? 'green' : 'yellow';
    this.out.line(verdict, color);
    for (const [name, value] of facts) this.out.styled(['dim', name.padEnd(14)], value);
    const points = (accepted: boolean) =>
      report.run.filter((point) => point.accepted === accepted).map((point) => [point.atS, point.latencyMs] as const);
    const plot = renderPlot(
      [
        { label: 'accepted', style: 'dots', points: points(true), mark: '·', color: 'green' },
        { label: 'refused', style: 'dots', points: points(false), mark: '×', color: 'red' },
      ],
      {
        width: this.out.width,
        height: 7,
        unicode: speaksUnicode(this.context.env),
        paint: this.out.paintStdout,
        formatX: (s) => `${Number(s.toFixed(1))} s`,
        formatY: (ms) => `${Number(ms.toFixed(1))} ms`,
      },
    );
    await this.out.bytes(plot);
  }
}
