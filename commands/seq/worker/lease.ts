import {
  DEFAULT_LAYOUT,
  holderName,
  resolveLayout,
  seqUrl,
  type WorkerLease,
  withSequencer,
} from '../../../src/blocks/seq/index.js';
import {
  type Column,
  countFlag,
  DsCommand,
  durationFlag,
  Flags,
  quoteForShell,
  resolveTarget,
  sameTarget,
  targetFlags,
} from '../../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../../src/platform/relative-time.js';

export default class SeqWorkerLease extends DsCommand {
  static override summary = 'lease a worker number for a generator of your own';
  static override description =
    `For programs that make snowflakes with a library and need a number that nobody else has. ("ds seq next" leases one by
itself.) Until the lease ends no ID of this number may carry a later time than its end: stop making IDs there, or renew.

The token is a fencing token: it grows with every lease, and renew and release want it, so that a holder that overslept
cannot disturb the next one. A number is given again once the lease's end and --skew have passed.

Pipes get worker, token, the lease's end, and the first instant that IDs may carry, between tabs.

Exit codes: 0 leased; 1 no number is free, or not the one asked for; 2 bad input; 3 the server could not be reached; 4 the
store failed.`;
  static override examples = [
    { description: 'The lowest free number, for a minute', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Lease a number, use it, give it back',
      command:
        'read WORKER TOKEN END < <(<%= config.bin %> <%= command.id %> --ttl 1h)\n<%= config.bin %> seq worker release $WORKER $TOKEN',
    },
    {
      description: 'Number 7 of the discord layout and no other',
      command: '<%= config.bin %> <%= command.id %> --layout discord --worker 7 --holder api-1',
    },
    {
      description: 'One that is unique among all machines that share a Redis',
      command: '<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6379',
    },
  ];
  static override flags = {
    ...targetFlags('seq'),
    layout: Flags.string({
      char: 'l',
      helpValue: 'LAYOUT',
      default: DEFAULT_LAYOUT,
      description: 'the layout whose numbers these are',
    }),
    worker: countFlag({
      char: 'w',
      min: 0,
      description: 'this number and no other (default: the lowest that is free)',
    }),
    ttl: durationFlag({ default: 60_000, min: 1, description: 'how long the lease lasts' }),
    skew: durationFlag({
      description: 'by how much clocks of the holders may differ (default: 0ms on a file, else 2s)',
    }),
    holder: Flags.string({
      helpValue: 'NAME',
      description: 'who holds it, for ds seq worker list (default: host:pid)',
    }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(SeqWorkerLease);
    const layout = resolveLayout(flags.layout);
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    const request = {
      space: layout.space,
      workers: layout.workers,
      ...(flags.worker === undefined ? {} : { worker: flags.worker }),
      holder: flags.holder ?? holderName(),
      ttlMs: flags.ttl,
      // Whoever makes the IDs keeps to the lease's end, so that is how far they reach.
      reserveMs: flags.ttl,
    };
    const opening = { oneShot: true, onNotice: (text: string) => this.out.warn(text) };
    const lease = await withSequencer(
      target,
      this.context,
      ({ workers }) => workers.lease({ ...request, skewMs: flags.skew ?? workers.clockSkewMs }),
      opening,
    );
    const record = {
      layout: lease.space,
      worker: lease.worker,
      token: lease.token,
      holder: lease.holder,
      expires_at: isoTime(lease.expiresAt),
      floor: isoTime(lease.floor),
    };
    this.out.document(record, () => {
      const { worker, token } = lease;
      this.out.table(columns(this.context.clock.now()), [lease]);
      if (this.out.isTerminal) {
        const space = flags.layout === DEFAULT_LAYOUT ? '' : ` --layout ${quoteForShell(flags.layout)}`;
        this.out.note(`keep it with: ds seq worker renew ${worker} ${token}${space}${sameTarget(flags)}`, 'dim');
      }
    });
  }
}

function columns(now: number): Column<WorkerLease>[] {
  return [
    { header: 'worker', value: (lease) => lease.worker },
    { header: 'token', value: (lease) => lease.token },
    {
      header: 'expires',
      value: (lease) => isoTime(lease.expiresAt),
      display: (lease) => relativeTime(lease.expiresAt, now),
    },
    {
      header: 'ids from',
      value: (lease) => isoTime(lease.floor),
      display: (lease) => (lease.floor <= 0 ? 'any time' : isoTime(lease.floor)),
    },
  ];
}
