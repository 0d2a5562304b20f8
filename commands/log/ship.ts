import { type AgentEnd, loadAgent, loadReport } from '../../src/blocks/log/index.js';
import { DsCommand, Flags, fileFlags, resolveFile, splitAtDashes } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { codeOfSignal } from '../../src/platform/cli/run-program.js';
import { statusLine } from '../../src/platform/cli/status-line.js';
import { shortenPath } from '../../src/platform/paths.js';
import { formatDuration } from '../../src/platform/units.js';

type Agent = Awaited<ReturnType<typeof loadAgent>>;
type Shipping = Awaited<ReturnType<Agent['startShipping']>>;
type Times = ReturnType<Agent['timesOf']>;
type Report = Awaited<ReturnType<typeof loadReport>>;

/** Between two looks at how it goes, for a terminal, milliseconds. */
const PROGRESS_MS = 1_000;
/** With --once: none of the names is a file. */
const EXIT_NOTHING_THERE = 1;
/** Sinks have not taken all. */
const EXIT_WAITING = 3;

/** What pipelines of a file say in it. */
const OF_PIPELINES = [
  ...['to', 'transform', 'label', 'job', 'name', 'from', 'rotated', 'restart', 'multiline-start', 'multiline-end'],
  ...['multiline-indent', 'timezone', 'linger', 'buffer', 'when-full', 'timeout', 'tls-cert', 'tls-key', 'insecure'],
];

const texts = { multiple: true, multipleNonGreedy: true } as const;

export default class LogShip extends DsCommand {
  static override strict = false;
  static override usage = '[SOURCE...]';
  static override summary = 'ship logs from files, stdin, commands and syslog to the store and to other places';
  static override description =
    `A SOURCE is a file or a pattern ('/var/log/*.log'), docker:PATTERN, - for stdin, or an address to receive syslog on
(syslog+udp://127.0.0.1:5514, syslog+tcp://, syslog+tls:// with a certificate). What stands behind -- is a command whose output is a source.
Files are followed through rotation by rename, copytruncate and gzip. Where reading was is in the file of the store: a second start goes on there.

A SINK is store (the default), loki+http://HOST:3100 (also ds log serve), otlp+http://, elasticsearch+http://HOST:9200/INDEX,
syslog+udp:// +tcp:// +tls://HOST:PORT, http://HOST/PATH (NDJSON), file:PATH, s3+http://HOST/BUCKET/PREFIX, or - for stdout. Settings of one
stand behind #, and are not sent: tenant, token-file, token-env, user, password-file, password-env (HTTP); rotate, keep (file); region, format (S3);
buffer, when-full, timeout, linger (all but store): 'loki+https://logs.example.org#tenant=shop&token-file=/run/secrets/loki'.

Into the store each line goes exactly once, whenever the process is killed; elsewhere at least once, by a buffer on disk for each sink.
A sink that is slow or dead does not stop another. What a sink refuses for good is a dead letter: ds log status --dead-letters;
ds log ship --dead-letters --once --to SINK sends it again.

Transforms are steps, taken in the order given: parse=json, timestamp=auto, select='level="error"', drop=…, rename=a:b, set=env:prod,
redact=cards,email, sample=0.1, dedupe=10s, rate=100/s.

Entries of files, stdin and commands have the time at which they were read, not one that is guessed from the line: a zone or a year that the
line does not say would put them where no query looks. For logs of other days say -t timestamp=auto, with --timezone where lines do not
say theirs. The first line of output says which time is taken; syslog and docker have their own.

With --config the arguments are names of pipelines in ds.yaml, without any it is all of them; keys are called as flags here, but sources,
transforms and labels:

  blocks:
    log:
      pipelines:
        web:
          sources: ['/var/log/nginx/*.log']
          transforms: [parse=nginx, timestamp=auto]
          labels: {env: prod}
          to: [store, 'loki+http://logs.example.org:3100']

It runs until SIGINT or SIGTERM, or until all sources have ended; then what was read is committed or in a buffer:

  ds log ship '/var/log/*.log' --to store --to 'loki+http://127.0.0.1:3100'

stdout has the sink - alone, which ends all with the first line that nobody reads any more; else the lines that say what is shipped, but with
--quiet none. At the end a terminal, or --verbose, is told what was. --json: {sources, pipelines, db, times} (of dead letters alone without times), at the end {pipelines: [{name, files, lines, bytes, delivered, dropped, refused, waiting}], ms}.

Exit codes: 0 sinks have taken all, or refused it for good, of which a warning says, or it was stopped, or the reader of stdout has gone;
1 with --once, where none of the names is a file; 2 bad input; 3 sources ended, and sinks have not taken all: the rest waits in the buffer; 4 the store failed, or another process ships to the same pipeline; with -- the exit
code of the command, where it is not 0.`;
  static override examples = [
    {
      description: 'A file into the store, once through; asked',
      command: `printf 'level=info msg=started\\nlevel=error msg="no disk"\\n' > app.log
<%= config.bin %> <%= command.id %> app.log --once
<%= config.bin %> log query error --since 1h`,
    },
    {
      description: 'What a command says, to stdout, without e-mail addresses',
      command:
        "<%= config.bin %> <%= command.id %> --to - --transform redact=email -- echo 'mail from ada@example.org'",
    },
    {
      description: 'To two places, from where the last one was',
      command: `echo one more >> app.log
<%= config.bin %> <%= command.id %> app.log --once --to store --to 'file:all.log#rotate=100MB&keep=5'
cat all.log`,
    },
  ];
  static override flags = {
    ...fileFlags(
      'log',
      'read positions and buffers are in a file of this machine; send to a server by --to loki+http://…',
    ),
    to: Flags.string({
      ...texts,
      helpValue: 'SINK',
      description: 'where to; may be given several times (default: store)',
    }),
    transform: Flags.string({
      ...texts,
      char: 't',
      helpValue: 'STEP',
      description: 'change or drop entries on the way',
    }),
    label: Flags.string({ ...texts, char: 'l', helpValue: 'NAME=VALUE', description: 'label of every stream' }),
    job: Flags.string({ helpValue: 'NAME', description: 'the label job' }),
    name: Flags.string({ helpValue: 'NAME', description: 'of the pipelines, where several agents share a store' }),
    config: Flags.string({
      helpValue: 'FILE',
      exclusive: OF_PIPELINES,
      description: 'run pipelines of this ds.yaml',
    }),
    once: Flags.boolean({ description: 'read what is there, deliver it, and end' }),
    'dead-letters': Flags.boolean({ description: 'first send again what these sinks have refused before' }),
    drain: Flags.string({
      helpValue: 'DURATION',
      description: 'at the end of all sources: how long sinks may take (default: 1m)',
    }),
    from: Flags.string({ helpValue: 'WORD', description: 'where new files begin: start, end (default: start)' }),
    rotated: Flags.boolean({ description: 'also read what was rotated before the first look' }),
    restart: Flags.boolean({ description: 'start the command again when it ends' }),
    'multiline-start': Flags.string({ helpValue: 'REGEX', description: 'an entry begins with each line that matches' }),
    'multiline-end': Flags.string({ helpValue: 'REGEX', description: 'an entry ends with each line that matches' }),
    'multiline-indent': Flags.boolean({ description: 'indented lines belong to the one before' }),
    timezone: Flags.string({ helpValue: 'ZONE', description: 'of timestamps that do not say theirs (default: UTC)' }),
    linger: Flags.string({ helpValue: 'DURATION', description: 'how long a lone line waits for others (default: 1s)' }),
    buffer: Flags.string({ helpValue: 'SIZE', description: 'on disk, for each sink (default: 256MiB)' }),
    'when-full': Flags.string({
      helpValue: 'WORD',
      description: 'what a full buffer does: block, drop-oldest, drop-newest (default: block)',
    }),
    timeout: Flags.string({ helpValue: 'DURATION', description: 'of one attempt to send (default: 30s)' }),
    'tls-cert': Flags.string({ helpValue: 'FILE', description: 'PEM certificate for syslog+tls://' }),
    'tls-key': Flags.string({ helpValue: 'FILE', description: 'PEM key for syslog+tls://' }),
    insecure: Flags.boolean({ description: 'let other machines send syslog' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { own, behind } = splitAtDashes(this.argv);
    const { argv, flags } = await this.parse(LogShip, own);
    if (flags.config !== undefined && behind.length > 0) {
      throw cliErrors.error('usage.conflict', '-- and --config are for different things', {
        hint: 'pipelines have a command of their own, as a list: command: [dmesg, --follow]',
      });
    }
    const agent = await loadAgent();
    const report = await loadReport();
    const words = argv.map(String);
    const { once, drain, 'dead-letters': deadLetters } = flags;
    const plans =
      flags.config === undefined
        ? [agent.readFlags(agent.planOfFlags(words, behind, flags))]
        : await agent.readConfigFile(flags.config, words, { once, drain, deadLetters });
    const path = resolveFile(flags, 'log', this.context);
    // From here on a signal is a stop that loses nothing.
    const { clock, random, env } = this.context;
    const shipping = await agent.startShipping(plans, {
      path,
      clock,
      random,
      env,
      stdin: process.stdin,
      writeOut: (bytes) => this.out.lines(bytes),
      tell: (event) => {
        const { as, text } = report.eventText(event);
        this.out[as](text);
      },
    });
    const usesStdout = plans.some(({ sinks }) => sinks.includes('-'));
    try {
      if (!usesStdout) this.showReady(shipping.agent, { report, path, times: agent.timesOf(plans) });
      return await this.untilItEnds(shipping, report, usesStdout);
    } finally {
      await shipping.close();
    }
  }

  private async untilItEnds({ agent, shipped }: Shipping, report: Report, usesStdout: boolean) {
    const { signal, clock } = this.context;
    const startedAt = clock.monotonic();
    const stop = () => agent.stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const over = new AbortController();
    const progress = this.showProgress(agent, startedAt, over.signal);
    const end = await agent.done.finally(() => over.abort());
    await progress;
    const done = shipped();
    const ms = clock.monotonic() - startedAt;
    if (this.out.json && !usesStdout) this.out.item({ pipelines: done, ms: Math.round(ms) }, '');
    else if (this.out.isTerminal) this.out.note(report.shippedText(done, ms));
    else this.out.detail(report.shippedText(done, ms));
    for (const [name, entries] of end.waiting) this.out.warn(report.waitingText(name, entries));
    return exitCodeOf(end, signal.aborted);
  }

  private showReady(
    { sources, pipelines }: Shipping['agent'],
    { report, path, times }: { readonly report: Report; readonly path: string; readonly times: Times },
  ): void {
    const names = pipelines.map(({ name }) => name);
    if (this.out.json) {
      this.out.item({ sources, pipelines: names, db: path, times }, '');
      return;
    }
    if (this.out.quiet) return;
    const where = `db ${shortenPath(path, this.context.env)}`;
    this.out.styled(['green', 'log shipping'], `  ${report.wayText(sources, names)}  ${where}`, [
      'dim',
      '   ds log status',
    ]);
    if (times !== undefined) this.out.styled(['dim', `  ${report.TIME_TEXTS[times]}`]);
  }

  private async showProgress(agent: Shipping['agent'], startedAt: number, signal: AbortSignal): Promise<void> {
    const line = statusLine(!this.out.quiet && !this.out.json);
    const { clock } = this.context;
    while (!signal.aborted) {
      await clock.sleep(PROGRESS_MS, signal).catch(() => {});
      const waiting = agent.pipelines.map(({ name, waiting }) => `${name} ${waiting} waiting`).join(', ');
      line.show(
        `shipping for ${formatDuration(Math.round((clock.monotonic() - startedAt) / 1000) * 1000)}: ${waiting}`,
      );
    }
    line.clear();
  }
}

function exitCodeOf({ waiting, command, isNothingThere }: AgentEnd, wasStopped: boolean): number | undefined {
  if (wasStopped) return undefined;
  if (waiting.size > 0) return EXIT_WAITING;
  if (isNothingThere) return EXIT_NOTHING_THERE;
  const code = command === undefined ? 0 : (command.code ?? codeOfSignal(command.signal));
  return code === 0 ? undefined : code;
}
