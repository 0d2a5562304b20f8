import { type Expiry, kvUrl, typedBytes, withStore } from '../../src/blocks/kv/index.js';
import {
  Args,
  DsCommand,
  Flags,
  invalidValue,
  resolveTarget,
  targetFlags,
  timeFlag,
} from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { relativeTime } from '../../src/platform/relative-time.js';
import { parseDuration } from '../../src/platform/units.js';

export default class KvExpire extends DsCommand {
  static override summary = 'set when a key expires, or that it does not';
  static override description =
    `At that millisecond the key is gone for whoever reads it. A time that has passed removes it at once. A time without a zone is UTC; a number
alone is milliseconds since 1970, not seconds.

Pipes get nothing. --json: {key, found}.

Exit codes: 0 done; 1 there is no such key; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'After half an hour',
      command: '<%= config.bin %> kv put session abc\n<%= config.bin %> <%= command.id %> session 30m',
    },
    { description: 'At a time', command: '<%= config.bin %> <%= command.id %> session --at 2099-01-01T00:00:00Z' },
    { description: 'Not at all', command: '<%= config.bin %> <%= command.id %> session --never' },
  ];
  static override args = {
    key: Args.string({ required: true, description: 'the key' }),
    after: Args.string({ description: 'how long from now on: 250ms, 5s, 2m, 1h, 7d' }),
  };
  static override flags = {
    ...targetFlags('kv'),
    at: timeFlag({ description: 'when: 2099-01-01T00:00:00Z, 4070908800000, +1h', exclusive: ['never'] }),
    never: Flags.boolean({ description: 'it does not expire', exclusive: ['at'] }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(KvExpire);
    const target = resolveTarget(flags, 'kv', this.context, kvUrl);
    const expiry = readExpiry(args.after, flags.at, flags.never);
    const found = await withStore(target, this.context, (store) => store.expire(typedBytes(args.key), expiry));
    this.out.document({ key: args.key, found }, () => {
      if (!this.out.isTerminal) return;
      if (!found) this.out.note(`there is no key ${JSON.stringify(args.key)}`);
      else if (!this.out.quiet) this.out.styled(args.key, ['dim', `  ${told(expiry, this.context.clock.now())}`]);
    });
    return found ? 0 : 1;
  }
}

function told(expiry: Expiry, now: number): string {
  if (expiry === 'never') return 'does not expire';
  const at = 'at' in expiry ? expiry.at : now + expiry.inMs;
  return at <= now ? 'deleted: that time has passed' : `expires ${relativeTime(at, now)}`;
}

/** Seconds since 1970 that are meant for a time up to 5138 are a millisecond of before March 1973. */
const FIRST_TIME = 100_000_000_000;

function readExpiry(after: string | undefined, at: number | undefined, never: boolean): Expiry {
  if ([after !== undefined, at !== undefined, never].filter(Boolean).length !== 1) {
    throw cliErrors.error('usage.missing', 'say one of them: how long, --at TIME, --never', {
      hint: 'ds kv expire KEY 1h',
    });
  }
  if (never) return 'never';
  if (at !== undefined && at < FIRST_TIME) {
    // EXPIREAT of Redis takes seconds: the key would be deleted by who expects the same.
    const hint = at > 0 ? `in milliseconds: --at ${at}000` : 'ds kv delete KEY removes it at once';
    throw invalidValue('--at', String(at), 'a time after 1973', hint);
  }
  if (at !== undefined) return { at };
  const inMs = parseDuration(after ?? '');
  if (inMs === undefined) throw invalidValue('AFTER', after ?? '', 'a duration', 'write it as 250ms, 5s or 1h');
  if (inMs === 0) throw invalidValue('AFTER', after ?? '', '1ms or more', 'ds kv delete KEY removes it at once');
  return { inMs };
}
