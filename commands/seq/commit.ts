import { seqUrl, withSequencer } from '../../src/blocks/seq/index.js';
import { Args, DsCommand, int64Arg, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class SeqCommit extends DsCommand {
  static override summary = 'make a reserved number final';
  static override description =
    `The number comes from "ds seq ticket NAME --gapless", together with its token. Committed is for good: the number is
never given again. Committing twice with the same token is refused, as is a token whose number has meanwhile gone to
somebody else.

Exit codes: 0 committed; 1 the number is not reserved under this token; 2 bad input; 3 the server could not be reached;
4 the store failed.`;
  static override examples = [
    {
      description: 'Reserve the first invoice number and commit it (number 1, token 1)',
      command: '<%= config.bin %> seq ticket invoices --gapless\n<%= config.bin %> <%= command.id %> invoices 1 1',
    },
    {
      description: 'The same from a script, whatever the number is',
      command:
        'read NUMBER TOKEN < <(<%= config.bin %> seq ticket invoices --gapless)\n<%= config.bin %> <%= command.id %> invoices $NUMBER $TOKEN',
    },
    {
      description: 'On a server that many machines share',
      command:
        'read NUMBER TOKEN < <(<%= config.bin %> seq ticket invoices --gapless --url redis://127.0.0.1:6379)\n<%= config.bin %> <%= command.id %> invoices $NUMBER $TOKEN --url redis://127.0.0.1:6379',
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'name of the sequence' }),
    number: int64Arg({ required: true, description: 'the number that was reserved' }),
    token: int64Arg({ required: true, description: 'the token that came with it' }),
  };
  static override flags = { ...targetFlags('seq') };

  protected async execute(): Promise<void> {
    const { args: ticket, flags } = await this.parse(SeqCommit);
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    await withSequencer(target, this.context, (sequencer) => sequencer.tickets.commit(ticket));
    const record = { name: ticket.name, number: ticket.number, state: 'committed' };
    this.out.document(record, () => this.out.line(`${ticket.name} ${ticket.number} committed`));
  }
}
