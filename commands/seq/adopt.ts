import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { adoptSequencer } from '../../src/blocks/seq/index.js';
import { DsCommand, Flags, invalidValue, targetFlags } from '../../src/platform/cli/command.js';
import { confirm } from '../../src/platform/cli/confirm.js';
import { blockDatabase } from '../../src/platform/paths.js';

export default class SeqAdopt extends DsCommand {
  static override summary = "make a file that was moved from another machine this one's own";
  static override description =
    `A file remembers the machine it was made on, and is refused on another: while the original is still in use there, the two
would give out the same worker numbers and tickets. Adopt it only when the original is gone for good: moved, not copied.

Every lease in the file ends, every reserved gapless number is abandoned (and given again), and numbers go on above the
highest that the file knows. What the original gave out after the copy was made, nobody here can know.

Asks on a terminal; in a script it wants --yes. Adopting one's own file changes nothing.

Exit codes: 0 adopted, or it was this machine's already; 1 the answer was no; 2 bad usage, or there is no such file; 4 the
file cannot be used.`;
  static override examples = [
    {
      description: 'Make a file, and adopt it: it is ours, so nothing changes',
      command: '<%= config.bin %> seq next\n<%= config.bin %> <%= command.id %> --yes',
    },
    {
      description: 'A file that was moved here',
      command: '<%= config.bin %> seq next --db ./seq.db\n<%= config.bin %> <%= command.id %> --db ./seq.db --yes',
    },
    { description: 'What was changed, for a program', command: '<%= config.bin %> <%= command.id %> --yes --json' },
  ];
  static override flags = {
    db: targetFlags('seq').db,
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(SeqAdopt);
    const path = flags.db === undefined ? blockDatabase(this.context.home, 'seq') : resolve(flags.db);
    if (!existsSync(path)) throw invalidValue('--db', path, 'a file that exists');
    const question = `Is the original of ${path} gone for good?`;
    if (!flags.yes && !(await confirm(question, `ds seq adopt --db '${path}' --yes`))) return 1;
    const { adopted, previousMachine, leasesEnded, reservationsAbandoned } = await adoptSequencer(path, this.context);
    const record = {
      db: path,
      adopted,
      previous_machine: previousMachine,
      leases_ended: leasesEnded,
      reservations_abandoned: reservationsAbandoned,
    };
    this.out.document(record, () => {
      const done = `${leasesEnded} leases ended, ${reservationsAbandoned} reserved numbers abandoned`;
      this.out.line(adopted ? `${path} is this machine's now: ${done}` : `${path} was this machine's already`);
    });
    return 0;
  }
}
