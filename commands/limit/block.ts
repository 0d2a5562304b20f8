import { type BlockedKey, limitUrl, withLimiter } from '../../src/blocks/limit/index.js';
import {
  Args,
  type Column,
  DsCommand,
  durationFlag,
  Flags,
  quoteForShell,
  resolveTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class LimitBlock extends DsCommand {
  static override summary = 'refuse a key for some time, or list those that are';
  static override description =
    `Every check of the key is refused until then, under every limit and in every scope. --for 0 lifts a block, and so does "ds limit
reset".

Pipes get key and end of the block, between tabs; --json one object, or {"blocked": [...]} with --list.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'An address that guesses passwords',
      command: '<%= config.bin %> <%= command.id %> 203.0.113.7 --for 1h',
    },
    { description: 'Who is blocked?', command: '<%= config.bin %> <%= command.id %> --list' },
    { description: 'Enough', command: '<%= config.bin %> <%= command.id %> 203.0.113.7 --for 0' },
  ];
  static override args = { key: Args.string({ description: 'what is to be refused' }) };
  static override flags = {
    ...targetFlags('limit'),
    for: durationFlag({ description: 'for how long from now; 0 lifts it' }),
    list: Flags.boolean({ char: 'l', description: 'list the keys that are blocked', exclusive: ['for'] }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(LimitBlock);
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    if (flags.list) {
      if (args.key !== undefined) {
        const hint = `ds limit why ${quoteForShell(args.key)}`;
        throw cliErrors.error('usage.conflict', '--list takes no KEY', { hint });
      }
      const blocked = await withLimiter(target, this.context, (limiter) => limiter.blocked());
      return this.list(blocked);
    }
    const { key } = args;
    if (key === undefined || flags.for === undefined) {
      const message = key === undefined ? 'missing KEY, or --list' : 'missing flag --for';
      const hint = `ds limit block ${key === undefined ? 'KEY' : quoteForShell(key)} --for 1h`;
      throw cliErrors.error('usage.missing', message, { hint });
    }
    const forMs = flags.for;
    const now = this.context.clock.now();
    await withLimiter(target, this.context, (limiter) => limiter.block(key, forMs * 1000), { oneShot: true });
    this.say(key, forMs === 0 ? undefined : now + forMs, now);
  }

  private say(key: string, until: number | undefined, now: number): void {
    const end = until === undefined ? undefined : isoTime(until);
    if (this.out.json) this.out.item({ key, ...(end === undefined ? {} : { blocked_until: end }) }, '');
    else if (!this.out.isTerminal) this.out.table(lineColumns, [{ key, end }]);
    else if (until === undefined) this.out.line(`${key} is not blocked any more`);
    else this.out.line(`${key} is blocked until ${end}, ${relativeTime(until, now)}`);
  }

  private list(blocked: readonly BlockedKey[]): void {
    const records = blocked.map(({ key, untilUs }) => ({ key, blocked_until: isoTime(untilUs / 1000) }));
    const now = this.context.clock.now();
    const columns: Column<BlockedKey>[] = [
      { header: 'key', value: ({ key }) => key },
      {
        header: 'until',
        value: ({ untilUs }) => isoTime(untilUs / 1000),
        display: ({ untilUs }) => relativeTime(Math.round(untilUs / 1000), now),
      },
    ];
    this.out.document({ blocked: records }, () => {
      if (blocked.length === 0) return this.out.note('no key is blocked');
      this.out.table(columns, blocked);
    });
  }
}

/** For a pipe: a key may hold tabs and line ends. */
const lineColumns: Column<{ readonly key: string; readonly end: string | undefined }>[] = [
  { header: 'key', value: ({ key }) => key },
  { header: 'until', value: ({ end }) => end },
];
