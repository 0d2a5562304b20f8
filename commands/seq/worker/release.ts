import { DEFAULT_LAYOUT, parseWorker, resolveLayout, seqUrl, withSequencer } from '../../../src/blocks/seq/index.js';
import {
  Args,
  DsCommand,
  Flags,
  int64Arg,
  invalidValue,
  resolveTarget,
  targetFlags,
  timeFlag,
} from '../../../src/platform/cli/command.js';

export default class SeqWorkerRelease extends DsCommand {
  static override summary = 'give a worker number back';
  static override description =
    `The number is free for others once --used-until and the clock skew it was leased with have passed: by then no ID of the old
holder can meet one of the new. Stop making IDs before you release.

Exit codes: 0 released; 1 the lease was lost before; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Lease a number and give it back',
      command:
        'read WORKER TOKEN END < <(<%= config.bin %> seq worker lease)\n<%= config.bin %> <%= command.id %> $WORKER $TOKEN',
    },
    {
      description: 'IDs were made ahead of time, up to five seconds from now',
      command:
        'read WORKER TOKEN END < <(<%= config.bin %> seq worker lease)\n<%= config.bin %> <%= command.id %> $WORKER $TOKEN --used-until +5s',
    },
    {
      description: 'In another layout',
      command:
        'read WORKER TOKEN END < <(<%= config.bin %> seq worker lease -l tsid)\n<%= config.bin %> <%= command.id %> $WORKER $TOKEN -l tsid',
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
    'used-until': timeFlag({ description: 'no ID carries this time or a later one (default: now)' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(SeqWorkerRelease);
    const { space, workers } = resolveLayout(flags.layout);
    const worker = parseWorker(args.worker, workers);
    if (worker === undefined) throw invalidValue('WORKER', args.worker, `a number from 0 to ${workers - 1}`);
    const { token } = args;
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    // An ID may have been made in this very millisecond; the end is exclusive.
    const usedUntil = flags['used-until'] ?? this.context.clock.now() + 1;
    await withSequencer(target, this.context, (sequencer) =>
      sequencer.workers.release({ space, worker, token }, usedUntil),
    );
    this.out.document({ layout: space, worker, token, state: 'released' }, () =>
      this.out.line(`worker ${worker} of ${space} released`),
    );
  }
}
