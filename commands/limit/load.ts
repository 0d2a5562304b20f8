import { readFileSync } from 'node:fs';
import { Args, Flags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { checkRate, LoadCommand, loadFlags } from '../../src/platform/cli/load-command.js';
import { whyUnreadable } from '../../src/platform/errors.js';
import { closedLoop, constantRate } from '../../src/platform/load/schedule.js';

export default class LimitLoad extends LoadCommand {
  static override summary = 'put a steady load on an HTTP server and measure its latency';
  static override description =
    `With --rate requests start on a schedule that waits for no answer, as users do: request i at i divided by the rate.
Latency is told twice: from the intended start (corrected for what had to wait because the server was slow) and from the
moment the request was really sent. A server that stalls shows it in the first. What was due and could not be sent, since
every connection was busy, is counted as unsent. --max sends as fast as answers come; then there is no schedule, and only
the second latency. To start in time costs a core of this machine from some 500 requests a second on.

HTTP/1.1 over connections that are kept; redirects are not followed, bodies are counted and thrown away, and an answer that
takes longer than --timeout is cut off. Latencies are those of answers; failures (refused, reset, timeout, malformed,
unreachable) are counted apart. A target that is not this machine is asked for, or wants --yes.

Pipes get a name and a value on each line, between tabs; answers, failures and latencies have two names. --json prints one
document: target, loop, answered_per_s, sent, answered, failed, unsent, answers and failures by kind, latency (corrected,
uncorrected: p50_ms …) and over_time, an entry a second, of long runs one for several. --record writes the tables run, second,
outcome and latency.

Ctrl-C ends the run early, with the report.

Exit codes: 0 measured; 1 nothing was answered; 2 bad input; 3 the server could not be reached; 4 a file could not be written; 130
interrupted, after the report.`;
  static override examples = [
    {
      description: 'A thousand requests a second for two seconds',
      command:
        '<%= config.bin %> limit serve --detach\n<%= config.bin %> <%= command.id %> http://127.0.0.1:9391/healthz --rate 1000/s -d 2s',
    },
    {
      description: 'As many as it takes, on ten connections',
      command: '<%= config.bin %> <%= command.id %> http://127.0.0.1:9391/healthz --max -c 10 -d 2s',
    },
    {
      description: 'A check with a body, the latencies kept for a plotter',
      command: `<%= config.bin %> <%= command.id %> http://127.0.0.1:8391/v1/check -r 200 -d 2s --hgrm check.hgrm \\
  --header 'Content-Type: application/json' --body '{"key":"alice","rate":"100/s"}'`,
    },
    {
      description: 'Every second with its histograms, for questions in SQL',
      command: `<%= config.bin %> <%= command.id %> http://127.0.0.1:9391/healthz -r 500 -d 2s --record runs.db --json > run.json
<%= config.bin %> down limit`,
    },
  ];
  static override args = {
    url: Args.string({ required: true, description: 'http:// or https://, with path and query' }),
  };
  static override flags = {
    ...loadFlags({ durationMs: 10_000, connections: 50 }),
    method: Flags.string({
      char: 'X',
      helpValue: 'METHOD',
      helpGroup: 'REQUEST',
      description: 'method of the requests (default: GET, with a body POST)',
    }),
    header: Flags.string({
      char: 'H',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: "'NAME: VALUE'",
      helpGroup: 'REQUEST',
      description: 'header to send; may be given more than once',
    }),
    body: Flags.string({
      helpValue: 'TEXT',
      helpGroup: 'REQUEST',
      description: 'body to send; @FILE sends what is in the file',
    }),
    'no-verify': Flags.boolean({ helpGroup: 'REQUEST', description: 'take any certificate (https)' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(LimitLoad);
    if (flags.rate === undefined && !flags.max) {
      const hint = `ds limit load ${args.url} --rate 100/s, or --max for as fast as answers come`;
      throw cliErrors.error('usage.missing', 'missing --rate or --max', { hint });
    }
    const schedule = flags.rate === undefined ? closedLoop : constantRate(checkRate(flags.rate));
    const { httpDriver } = await import('../../src/platform/load/http/driver.js');
    const body = flags.body === undefined ? undefined : readBody(flags.body);
    const driver = httpDriver({
      url: args.url,
      method: flags.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: flags.header ?? [],
      body,
      userAgent: `ds/${this.context.version} (+load)`,
      clock: this.context.clock,
      timeoutMs: flags.timeout,
      verify: !flags['no-verify'],
    });
    await this.confirmHost(new URL(args.url).hostname, driver.target, flags.yes);
    return this.load(driver, schedule, flags);
  }
}

function readBody(text: string): Uint8Array {
  if (!text.startsWith('@')) return Buffer.from(text);
  try {
    return readFileSync(text.slice(1));
  } catch (error) {
    const message = `the body ${text.slice(1)} cannot be read: ${whyUnreadable(error)}`;
    throw cliErrors.error('usage.unreadable_input', message, { hint: 'name a file: --body @body.json', cause: error });
  }
}
