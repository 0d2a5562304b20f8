import {
  clockBackPolicies,
  DEFAULT_LAYOUT,
  ID_BATCH,
  type IdLines,
  idFormats,
  layoutNames,
  openIdLines,
  resolveLayout,
  seqUrl,
} from '../../src/blocks/seq/index.js';
import {
  countFlag,
  DsCommand,
  durationFlag,
  Flags,
  resolveTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

export default class SeqNext extends DsCommand {
  static override summary = 'print new IDs';
  static override description =
    `Unique and increasing across threads, processes and restarts. A worker number is leased for the time of the command, and
instants are reserved on disk ahead of use, so that not even kill -9 at any moment repeats an ID.

Layouts: ${layoutNames.join(' ')}, or bits of your own, most significant first.

When the clock stands before the last ID: "wait" waits for it, at most --timeout; "borrow" goes on in the last tick and
counts on from there, no faster than real time; "fail" refuses.

Pipes get one ID a line (binary: big-endian bytes and nothing between); --json one object a line, IDs as strings.

Exit codes: 0 done; 1 no worker number is free; 2 bad input; 3 the server could not be reached; 4 the store or the clock
failed, or the layout's time bits ran out; 130 interrupted.

With --url of a "ds seq serve" the IDs are made there; with --worker or --on-clock-back, and with Redis or Valkey, a worker
number is leased there and the IDs are made here.`;
  static override examples = [
    { description: 'One ID', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Ten million, of which five are needed',
      command: '<%= config.bin %> <%= command.id %> -n 10000000 | head -n 5',
    },
    { description: 'Monotonic ULIDs', command: '<%= config.bin %> <%= command.id %> -n 3 --layout ulid' },
    {
      description: 'A layout of your own, in hexadecimal',
      command:
        "<%= config.bin %> <%= command.id %> --layout 'ts:41@1ms,worker:10,seq:12;epoch=2020-01-01' --format hex",
    },
    {
      description: 'A worker number that is unique among all machines that share a Redis',
      command: '<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6379',
    },
  ];
  static override flags = {
    ...targetFlags('seq'),
    count: countFlag({ char: 'n', default: 1, description: 'how many' }),
    layout: Flags.string({
      char: 'l',
      helpValue: 'LAYOUT',
      default: DEFAULT_LAYOUT,
      description: 'what an ID is made of',
    }),
    format: Flags.option({
      char: 'f',
      options: idFormats,
      description: "how it is written (default: canonical, the layout's own: decimal, or the text of a UUID, ULID …)",
    })(),
    worker: countFlag({
      char: 'w',
      min: 0,
      description: 'this worker number and no other (default: one that is free)',
    }),
    'on-clock-back': Flags.option({
      options: clockBackPolicies,
      description: 'what to do when the clock stands before the last ID (default: wait)',
    })(),
    timeout: durationFlag({
      default: 5_000,
      description: 'longest wait for the clock, a free worker number or a server',
    }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(SeqNext);
    const { json } = this.out;
    if (json && flags.format === 'binary') {
      throw cliErrors.error('usage.conflict', '--json and --format binary exclude each other', {
        hint: 'ds seq next --json',
      });
    }
    const ids = await openIdLines(resolveTarget(flags, 'seq', this.context, seqUrl), this.context, {
      layout: resolveLayout(flags.layout),
      format: flags.format ?? 'canonical',
      json,
      worker: flags.worker,
      onClockBack: flags['on-clock-back'],
      maxWaitMs: flags.timeout,
      signal: this.context.signal,
      onNotice: (text) => this.out.warn(text),
    });
    try {
      await this.print(ids, flags.count);
    } finally {
      await ids.close();
    }
  }

  private async print(ids: IdLines, count: number): Promise<void> {
    for (let left = count; left > 0; left -= ID_BATCH) {
      this.context.signal.throwIfAborted();
      await this.out.bytes(await ids.next(Math.min(left, ID_BATCH)));
    }
  }
}
