import { Asking, askFlags, loadReplay } from '../../src/blocks/log/index.js';
import { AskCommand } from '../../src/platform/cli/ask-command.js';
import {
  Args,
  countFlag,
  durationFlag,
  Flags,
  invalidValue,
  targetFlags,
  textFlags,
} from '../../src/platform/cli/command.js';

export default class LogReplay extends AskCommand {
  static override strict = false;
  static override usage = 'QUERY [FILE...]';
  static override summary =
    'send entries of a query once more: to another sink, through other transforms, at any speed';
  static override description =
    `Query and files are those of ds log query; --to and --transform those of ds log ship, but no store: ds log ship --once FILE brings
files there. Entries go in order of time, with their times, as fast as the sink takes them, or with --speed 1x at the pace at which they came, 10x ten times as fast. What the sink has too much of is tried
again; a replay that was broken off and begun anew sends what it had sent.

Pipes get what the sink - writes, else names and numbers on each line, between tabs; --json: {read, delivered, rejected, dropped}, and reason
where something was refused; with the sink - nothing.

Exit codes: 0 all of it was taken; 1 nothing was found, or something was refused for good; 2 bad input; 3 the sink or the server could not be
reached; 4 the store failed, or has damaged blocks: what they had was not sent, and --json has {error: {code, message, hint}}, too;
130 interrupted.`;
  static override examples = [
    {
      description: 'Of a file to stdout, without mail addresses',
      command: `echo 'level=info mail=ada@example.org' > app.log
<%= config.bin %> <%= command.id %> '{}' app.log --to - --transform redact=email`,
    },
    {
      description: 'What a mended parser makes of the last hour of the store, into a file',
      command: `<%= config.bin %> log ship --once app.log
<%= config.bin %> <%= command.id %> '{filename=~".*app.log"}' --to file:again.log --transform parse=logfmt`,
    },
    {
      description: 'As it came, ten times as fast',
      command: `<%= config.bin %> <%= command.id %> '{filename=~".*app.log"}' --to file:again.log --speed 10x`,
    },
  ];
  static override args = { query: Args.string({ required: true, description: 'LogQL, or a text; files may follow' }) };
  static override flags = {
    ...targetFlags('log'),
    ...textFlags(askFlags),
    to: Flags.string({
      required: true,
      helpValue: 'SINK',
      description: 'where to, as ds log ship has it, but not store',
    }),
    transform: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'STEP',
      description: 'step on the way, in this order: parse=json, redact=cards,email, …',
    }),
    speed: Flags.string({ default: 'max', helpValue: 'SPEED', description: 'pace: 1x as they came, 10x, 0.5x, max' }),
    timeout: durationFlag({ default: 30_000, min: 1, description: 'of one attempt to send' }),
    drain: durationFlag({ default: 60_000, description: 'how long a sink that fails is tried again' }),
    limit: countFlag({ description: 'entries at the most (default: all)' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LogReplay);
    const asking = this.ask(Asking, argv, flags);
    const range = asking.range();
    const { openSink, readTransforms, replay } = await loadReplay();
    const { clock, random, env, signal } = this.context;
    const speed = readSpeed(flags.speed);
    const transforms = readTransforms(flags.transform ?? [], { random, timezone: flags.timezone });
    const sink = await openSink(flags.to, { clock, env, writeOut: (bytes) => this.out.lines(bytes) });
    const limit = flags.limit === undefined ? {} : { limit: flags.limit };
    const done = await asking
      .use(({ store }) =>
        replay(store.entries({ query: asking.query, ...range, ...limit, direction: 'forward', signal }), {
          sink,
          transforms,
          speed,
          clock,
          random,
          signal,
          timeoutMs: flags.timeout,
          drainMs: flags.drain,
          onTrouble: (message) => this.out.warn(`${sink.name}: ${message}`),
        }),
      )
      .finally(() => sink.close());
    if (flags.to !== '-') {
      asking.document(done, () => {
        for (const name of ['read', 'delivered', 'rejected', 'dropped'] as const) this.out.record([name, done[name]]);
      });
    }
    if (done.rejected > 0)
      this.out.warn(`${done.rejected} entries were refused: ${done.reason ?? 'no reason was given'}`);
    if (signal.aborted) {
      const unsent = done.read - done.delivered - done.rejected - done.dropped;
      this.out.note(
        `broken off: ${done.delivered} entries were sent; ${unsent} that were read, and all after them, were not`,
      );
      throw signal.reason;
    }
    const code = await asking.end(done.read > 0);
    return done.rejected > 0 ? 1 : code;
  }
}

function readSpeed(typed: string): number {
  if (typed === 'max') return Infinity;
  const speed = /^\d+(?:\.\d+)?x$/.test(typed) ? Number(typed.slice(0, -1)) : 0;
  if (speed > 0) return speed;
  throw invalidValue('--speed', typed, 'a pace', 'write --speed 1x, 10x, 0.5x or max');
}
