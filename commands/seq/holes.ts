import type { Hole } from '../../src/blocks/seq/index.js';
import { seqUrl, withSequencer } from '../../src/blocks/seq/index.js';
import { Args, type Column, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class SeqHoles extends DsCommand {
  static override summary = 'show the uncommitted numbers of a gapless sequence, and who holds them';
  static override description =
    `A hole is a number that was given out and is not committed: reserved by somebody, or abandoned and waiting to be given
again. Numbers above the highest one ever given out are no holes.

Pipes get number, state, holder, token and expiry, between tabs.

Exit codes: 0 done, with or without holes; 2 bad input, or the sequence is not gapless; 3 the server could not be
reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Reserve a number and see the hole it is until it is committed',
      command:
        '<%= config.bin %> seq ticket invoices --gapless --holder till-4\n<%= config.bin %> <%= command.id %> invoices',
    },
    { description: 'Only the numbers', command: '<%= config.bin %> <%= command.id %> invoices | cut -f1' },
    {
      description: 'Who holds what, for a program',
      command: '<%= config.bin %> <%= command.id %> invoices --json',
    },
  ];
  static override args = { name: Args.string({ required: true, description: 'name of the sequence' }) };
  static override flags = { ...targetFlags('seq') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(SeqHoles);
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    const holes = await withSequencer(target, this.context, (sequencer) => sequencer.tickets.holes(args.name));
    const now = this.context.clock.now();
    const columns: Column<Hole>[] = [
      { header: 'number', value: (hole) => hole.number },
      {
        header: 'state',
        value: (hole) => hole.state,
        color: ({ state }) => (state === 'abandoned' ? 'yellow' : undefined),
      },
      { header: 'holder', value: (hole) => hole.holder },
      { header: 'token', value: (hole) => hole.token },
      {
        header: 'expires',
        value: (hole) => isoTime(hole.expiresAt),
        display: (hole) => relativeTime(hole.expiresAt, now),
      },
    ];
    const records = holes.map(({ expiresAt, ...hole }) => ({ ...hole, expires_at: isoTime(expiresAt) }));
    this.out.document({ name: args.name, holes: records }, () => {
      if (holes.length > 0) this.out.table(columns, holes);
      else this.out.note(`${args.name} has no holes`);
    });
  }
}
