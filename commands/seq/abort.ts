import { seqUrl, withSequencer } from '../../src/blocks/seq/index.js';
import { Args, DsCommand, int64Arg, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class SeqAbort extends DsCommand {
  static override summary = 'give a reserved number back';
  static override description =
    `The number comes from "ds seq ticket NAME --gapless", together with its token. An aborted number is the next to be
given out, so that no hole stays.

Exit codes: 0 given back; 1 the number is not reserved under this token; 2 bad input; 3 the server could not be reached;
4 the store failed.`;
  static override examples = [
    {
      description: 'Reserve a number, then give it back',
      command:
        'read NUMBER TOKEN < <(<%= config.bin %> seq ticket invoices --gapless)\n<%= config.bin %> <%= command.id %> invoices $NUMBER $TOKEN',
    },
    { description: 'It is the next one to be given out', command: '<%= config.bin %> seq ticket invoices --gapless' },
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
    const { args: ticket, flags } = await this.parse(SeqAbort);
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    await withSequencer(target, this.context, (sequencer) => sequencer.tickets.abort(ticket));
    const record = { name: ticket.name, number: ticket.number, state: 'abandoned' };
    this.out.document(record, () => this.out.line(`${ticket.name} ${ticket.number} abandoned`));
  }
}
