import { loadPushLoad, logOptions, logUrl } from '../../src/blocks/log/index.js';
import { countFlag, Flags, resolveTarget, sizeFlag } from '../../src/platform/cli/command.js';
import { checkRate, LoadCommand, type LoadFlagValues, loadFlags } from '../../src/platform/cli/load-command.js';
import { closedLoop, constantRate } from '../../src/platform/load/schedule.js';
import { escapeForTerminal } from '../../src/platform/terminal-safety.js';

export default class LogBench extends LoadCommand {
  static override summary = 'measure how many lines a collector takes';
  static override description =
    `Pushes lines to the server of --url by Loki's API: a ds log serve, or a Loki. Without a URL a daemon of its own is started on a free port
and an empty file, and stopped afterwards; what it acknowledges is on disk. No two lines are alike. A token is read from DS_LOG_TOKEN.

As fast as answers come, on all connections, unless there is a --rate of requests: then latency is told from the intended start, too. Lines
are those of requests that were taken (204); what a token's rate refuses (429) is counted apart.

Pipes get a name and a value on each line, between tabs; --json prints the document of ds limit load, with HTTP statuses as
answers, and {lines_per_s, lines, refused}, the last one in requests.

Exit codes: 0 measured; 1 nothing was answered, or nothing but errors; 2 bad input; 3 the server could not be reached; 4 a file could not be
written; 130 interrupted, after the report.`;
  static override examples = [
    {
      description: 'Lines a second on this machine and its disk',
      command: '<%= config.bin %> <%= command.id %> -d 2s',
    },
    {
      description: 'Each line by itself, as a library without batches sends them',
      command: '<%= config.bin %> <%= command.id %> --lines 1 -c 64 -d 2s',
    },
    {
      description: 'A running daemon, at a steady rate of requests',
      command: `<%= config.bin %> log serve --detach
<%= config.bin %> <%= command.id %> --url http://127.0.0.1:3100 --rate 20/s -d 2s
<%= config.bin %> down log`,
    },
  ];
  static override flags = {
    ...loadFlags({ durationMs: 5_000, connections: 8 }),
    url: Flags.string({
      helpValue: 'URL',
      helpGroup: 'TARGET',
      description: 'server to measure (default: $DS_LOG_URL, else a daemon of its own)',
    }),
    lines: countFlag({ default: 1_000, min: 1, max: 100_000, helpGroup: 'LOAD', description: 'lines of each request' }),
    size: sizeFlag({ default: 200, min: 1, max: 65_536, helpGroup: 'LOAD', description: 'of each line' }),
    streams: countFlag({
      default: 8,
      min: 1,
      max: 10_000,
      helpGroup: 'LOAD',
      description: 'streams that the lines belong to, each in turn',
    }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(LogBench);
    const target = resolveTarget(flags, 'log', this.context, logUrl);
    if (target.kind === 'url') return this.measure(target.url, flags);
    const { env, program, clock, signal } = this.context;
    const { withPrivateDaemon } = await import('../../src/platform/load/private-daemon.js');
    this.out.detail('starting a ds log serve of its own, on a free port and an empty file');
    const daemon = { block: 'log', options: logOptions, program, env, clock, signal };
    return withPrivateDaemon(daemon, ({ http = '' }) => this.measure(http, flags));
  }

  /** A closed loop, unless a rate is given. */
  private async measure(url: string, flags: BenchFlags): Promise<number> {
    const { pushDriver } = await loadPushLoad();
    const schedule = flags.rate === undefined ? closedLoop : constantRate(checkRate(flags.rate));
    const { clock, env, version } = this.context;
    const plan = {
      url,
      entries: flags.lines,
      size: flags.size,
      streams: flags.streams,
      timeoutMs: flags.timeout,
      token: env['DS_LOG_TOKEN'] || undefined,
      userAgent: `ds/${version} (+bench)`,
    };
    const driver = pushDriver(plan, clock);
    await this.confirmHost(new URL(url).hostname, url, flags.yes);
    const taken = ({ codes }: Measured) => codes.get(TAKEN) ?? 0;
    const isOfUse = (result: Measured) => {
      const refused = result.answered - taken(result);
      if (refused > 0) {
        const share = taken(result) > 0 ? `${refused} of ${result.answered} answers were` : 'every answer was';
        this.out.warn(`${share} a refusal of ${escapeForTerminal(url)}: their lines do not count`);
      }
      return taken(result) > 0;
    };
    return this.load(driver, schedule, flags, isOfUse, (result) => {
      const lines = taken(result) * flags.lines;
      const { answered, elapsedMs } = result;
      return {
        lines_per_s: elapsedMs === 0 ? 0 : Math.round((lines / elapsedMs) * 1000),
        lines,
        refused: answered - taken(result),
      };
    });
  }
}

/** Loki's answer to a push that is stored. */
const TAKEN = 204;

interface Measured {
  readonly answered: number;
  readonly elapsedMs: number;
  readonly codes: ReadonlyMap<number, number>;
}

interface BenchFlags extends LoadFlagValues {
  readonly rate?: Parameters<typeof checkRate>[0] | undefined;
  readonly lines: number;
  readonly size: number;
  readonly streams: number;
  readonly yes: boolean;
}
