import { holderName, type Sequencer, seqUrl, withSequencer } from '../../src/blocks/seq/index.js';
import {
  Args,
  countFlag,
  DsCommand,
  durationFlag,
  Flags,
  quoteForShell,
  resolveTarget,
  sameTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { isoTime } from '../../src/platform/relative-time.js';

/** Numbers asked for at once, so that a stream of tickets that is cut short wastes few. */
const BLOCK = 10_000n;

/** Time to commit a gapless number, ms. */
const TTL_MS = 60_000;

interface Reservation {
  readonly holder: string;
  readonly ttlMs: number;
  /** Flags of the command that commits it: which store, which server. */
  readonly where: string;
}

export default class SeqTicket extends DsCommand {
  static override summary = 'take the next number of a named sequence';
  static override description =
    `Numbers of a sequence start at 1 and strictly increase, across processes, crashes and restarts.

Plain tickets are fast, and a crash may leave a hole between them. With --gapless a number is reserved first: print the
invoice, then commit it. One that is aborted, or not committed within --ttl, is given again, so that the committed
numbers end up without a hole. A sequence is of the kind it was first used as.

Pipes get one number a line; with --gapless the number and its token, between a tab.

Exit codes: 0 done; 2 bad input, or the sequence is of the other kind; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    { description: 'The next order number', command: '<%= config.bin %> <%= command.id %> orders' },
    { description: 'Five at once', command: '<%= config.bin %> <%= command.id %> orders -n 5' },
    {
      description: 'An invoice number that leaves no hole',
      command:
        'read NUMBER TOKEN < <(<%= config.bin %> <%= command.id %> invoices --gapless --ttl 5m)\n<%= config.bin %> seq commit invoices $NUMBER $TOKEN',
    },
    {
      description: 'From a Redis that many machines share',
      command: '<%= config.bin %> <%= command.id %> orders --url redis://127.0.0.1:6379',
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'name of the sequence, at most 512 bytes' }),
  };
  static override flags = {
    ...targetFlags('seq'),
    count: countFlag({ char: 'n', default: 1, description: 'how many numbers' }),
    gapless: Flags.boolean({ description: 'reserve, to be committed or aborted' }),
    ttl: durationFlag({
      min: 1,
      dependsOn: ['gapless'],
      description: 'time to commit before the number is given to somebody else (default: 1m)',
    }),
    holder: Flags.string({
      dependsOn: ['gapless'],
      helpValue: 'NAME',
      description: 'who holds it, for ds seq holes (default: host:pid)',
    }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(SeqTicket);
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    const request = { holder: flags.holder ?? holderName(), ttlMs: flags.ttl ?? TTL_MS };
    const give = (sequencer: Sequencer) =>
      flags.gapless
        ? this.reserve(sequencer, args.name, flags.count, { ...request, where: sameTarget(flags) })
        : this.take(sequencer, args.name, BigInt(flags.count));
    await withSequencer(target, this.context, give, { oneShot: true, onNotice: (text) => this.out.warn(text) });
  }

  private async take(sequencer: Sequencer, name: string, count: bigint): Promise<void> {
    for (let left = count; left > 0n; ) {
      const { first, last } = await sequencer.tickets.take(name, left < BLOCK ? left : BLOCK);
      const lines: string[] = [];
      for (let number = first; number <= last; number++) {
        lines.push(this.out.json ? `{"name":${JSON.stringify(name)},"number":"${number}"}` : `${number}`);
      }
      await this.out.bytes(`${lines.join('\n')}\n`);
      left -= last - first + 1n;
    }
  }

  private async reserve(sequencer: Sequencer, name: string, count: number, asked: Reservation) {
    const { where, ...request } = asked;
    for (let left = count; left > 0; left--) {
      const { number, token, expiresAt } = await sequencer.tickets.reserve(name, request);
      const record = { name, number, token, expires_at: isoTime(expiresAt) };
      // Tabs are for pipes: on a terminal control characters are escaped.
      this.out.item(record, this.out.isTerminal ? `${number}  (token ${token})` : `${number}\t${token}`);
      const commit = `ds seq commit ${quoteForShell(name)} ${number} ${token}${where}`;
      if (this.out.isTerminal) this.out.note(`commit it with: ${commit}`, 'dim');
    }
  }
}
