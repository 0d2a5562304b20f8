import { byteStringOfText, type Expiry, kvUrl, withStore } from '../../src/blocks/kv/index.js';
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
import { parseDuration } from '../../src/platform/units.js';

export default class KvExpire extends DsCommand {
  static override summary = 'let a key be gone after a while, or let it stay';
  static override description =
    `A key whose time has come is gone at that millisecond for whoever reads it. A time that has passed removes it at once.

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
    after: Args.string({ description: 'how long it has left, from now on: 250ms, 5s, 2m, 1h, 7d' }),
  };
  static override flags = {
    ...targetFlags('kv'),
    at: timeFlag({ description: 'when it is gone', exclusive: ['never'] }),
    never: Flags.boolean({ description: 'it stays', exclusive: ['at'] }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(KvExpire);
    const target = resolveTarget(flags, 'kv', this.context, kvUrl);
    const expiry = readExpiry(args.after, flags.at, flags.never);
    const found = await withStore(target, this.context, (store) => store.expire(byteStringOfText(args.key), expiry));
    this.out.document({ key: args.key, found }, () => {
      if (!found && this.out.isTerminal) this.out.note(`there is no key ${JSON.stringify(args.key)}`);
    });
    return found ? 0 : 1;
  }
}

function readExpiry(after: string | undefined, at: number | undefined, never: boolean): Expiry {
  if ([after !== undefined, at !== undefined, never].filter(Boolean).length !== 1) {
    throw cliErrors.error('usage.missing', 'say one of: how long, --at TIME, --never', { hint: 'ds kv expire KEY 1h' });
  }
  if (never) return 'never';
  if (at !== undefined) return { at };
  const inMs = parseDuration(after ?? '');
  if (inMs === undefined || inMs === 0)
    throw invalidValue('AFTER', after ?? '', 'a duration', 'write it as 250ms, 5s or 1h');
  return { inMs };
}
