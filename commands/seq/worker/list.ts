import { resolveLayout, seqUrl, type WorkerRecord, withSequencer } from '../../../src/blocks/seq/index.js';
import { type Column, DsCommand, Flags, resolveTarget, targetFlags } from '../../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../../src/platform/relative-time.js';

export default class SeqWorkerList extends DsCommand {
  static override summary = 'list worker numbers and who holds them';
  static override description =
    `A number is leased, expired, or released; it is given again at the time FREE says, once its last holder's IDs and the
allowed clock skew lie in the past. high water is the first instant that no ID of this number carries.

Pipes get layout, worker, state, holder, token, lease's end, high water and free time, between tabs.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Every number that was ever leased',
      command: '<%= config.bin %> seq next --layout discord\n<%= config.bin %> <%= command.id %>',
    },
    { description: 'Those of one layout', command: '<%= config.bin %> <%= command.id %> --layout discord' },
    {
      description: 'The numbers in use right now',
      command: "<%= config.bin %> <%= command.id %> | awk -F'\\t' '$3 == \"leased\" {print $2}'",
    },
    {
      description: 'Those in a Redis that many machines share',
      command: '<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6379',
    },
  ];
  static override flags = {
    ...targetFlags('seq'),
    layout: Flags.string({ char: 'l', helpValue: 'LAYOUT', description: 'only this layout (default: all)' }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(SeqWorkerList);
    const space = flags.layout === undefined ? undefined : resolveLayout(flags.layout).space;
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    const workers = await withSequencer(target, this.context, (sequencer) => sequencer.workers.list(space));
    this.out.document({ workers: workers.map(toRecord) }, () => {
      if (workers.length === 0) return this.out.note('no worker number was ever leased here');
      this.out.table(columns(this.context.clock.now()), workers);
    });
  }
}

function toRecord(worker: WorkerRecord) {
  const { space, state, holder, token } = worker;
  return {
    layout: space,
    worker: worker.worker,
    state,
    holder,
    token,
    leased_at: isoTime(worker.leasedAt),
    expires_at: isoTime(worker.expiresAt),
    high_water: isoTime(worker.highWater),
    free_at: isoTime(worker.freeAt),
  };
}

function columns(now: number): Column<WorkerRecord>[] {
  const time = (header: string, of: (worker: WorkerRecord) => number): Column<WorkerRecord> => ({
    header,
    value: (worker) => isoTime(of(worker)),
    display: (worker) => relativeTime(of(worker), now),
  });
  return [
    { header: 'layout', value: (worker) => worker.space },
    { header: 'worker', value: (worker) => worker.worker },
    {
      header: 'state',
      value: (worker) => worker.state,
      color: ({ state }) => (state === 'leased' ? 'green' : state === 'expired' ? 'yellow' : 'dim'),
    },
    { header: 'holder', value: (worker) => worker.holder },
    { header: 'token', value: (worker) => worker.token },
    time('expires', (worker) => worker.expiresAt),
    time('high water', (worker) => worker.highWater),
    time('free', (worker) => worker.freeAt),
  ];
}
