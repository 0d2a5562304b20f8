import { DEFAULT_LAYOUT, parseWorker, resolveLayout, seqUrl, withSequencer } from '../../../src/blocks/seq/index.js';
import {
  Args,
  DsCommand,
  durationFlag,
  Flags,
  int64Arg,
  invalidValue,
  resolveTarget,
  targetFlags,
} from '../../../src/platform/cli/command.js';
import { isoTime } from '../../../src/platform/relative-time.js';

export default class SeqWorkerRenew extends DsCommand {
  static override summary = 'extend the lease of a worker number';
  static override description =
    `The lease then ends --ttl from now. An expired lease can be renewed as long as nobody else has leased the number.

Pipes get worker, token and the lease's new end, between tabs.

Exit codes: 0 renewed; 1 the lease was lost; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Lease a number and keep it for an hour more',
      command:
        'read WORKER TOKEN END < <(<%= config.bin %> seq worker lease)\n<%= config.bin %> <%= command.id %> $WORKER $TOKEN --ttl 1h',
    },
    {
      description: 'The same in another layout',
      command:
        'read WORKER TOKEN END < <(<%= config.bin %> seq worker lease -l discord)\n<%= config.bin %> <%= command.id %> $WORKER $TOKEN -l discord',
    },
    {
      description: 'What it is now, for a program',
      command:
        'read WORKER TOKEN END < <(<%= config.bin %> seq worker lease)\n<%= config.bin %> <%= command.id %> $WORKER $TOKEN --json',
    },
  ];
  static override args = {
    worker: Args.string({ required: true, description: 'the worker number' }),
    token: int64Arg({ required: true, description: 'the token that came with the lease' }),
  };
  static override flags = {
    ...targetFlags('seq'),
    layout: Flags.string({
      char: 'l',
      helpValue: 'LAYOUT',
      default: DEFAULT_LAYOUT,
      description: 'the layout whose number it is',
    }),
    ttl: durationFlag({ default: 60_000, min: 1, description: 'how long the lease lasts from now' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(SeqWorkerRenew);
    const { space, workers } = resolveLayout(flags.layout);
    const worker = parseWorker(args.worker, workers);
    if (worker === undefined) throw invalidValue('WORKER', args.worker, `a number from 0 to ${workers - 1}`);
    const { token } = args;
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    const reserveUntil = this.context.clock.now() + flags.ttl;
    const lease = await withSequencer(target, this.context, (sequencer) =>
      sequencer.workers.renew({ space, worker, token }, { ttlMs: flags.ttl, reserveUntil }),
    );
    const record = { layout: space, worker, token, holder: lease.holder, expires_at: isoTime(lease.expiresAt) };
    this.out.document(record, () =>
      this.out.line([lease.worker, lease.token, isoTime(lease.expiresAt)].join(this.out.isTerminal ? '  ' : '\t')),
    );
  }
}
