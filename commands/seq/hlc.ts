import {
  formatStamp,
  type HybridTimestamp,
  packStamp,
  parseStamp,
  seqUrl,
  withSequencer,
} from '../../src/blocks/seq/index.js';
import {
  DsCommand,
  durationFlag,
  Flags,
  invalidValue,
  resolveTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { isoTime } from '../../src/platform/relative-time.js';

export default class SeqHlc extends DsCommand {
  static override summary = 'make a hybrid logical clock stamp';
  static override description =
    `A stamp is close to the time of day, and higher than every stamp made before and every one that was merged: what happened
because of a message is stamped after the message, whatever the machines' clocks say. It is printed as milliseconds since
1970 and a counter, and sorts as text.

Send it along with a message; the receiver merges it. A stamp further ahead of this clock than --max-drift is refused, so
that one wrong clock cannot carry all others away.

Exit codes: 0 done; 1 the merged stamp is too far ahead; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    { description: 'Stamp an event', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Stamp the receipt of a message that carries a stamp',
      command: 'STAMP=$(<%= config.bin %> <%= command.id %>)\n<%= config.bin %> <%= command.id %> --merge $STAMP',
    },
    {
      description: 'Refuse stamps from clocks more than 50 ms ahead',
      command:
        'STAMP=$(<%= config.bin %> <%= command.id %>)\n<%= config.bin %> <%= command.id %> --merge $STAMP --max-drift 50ms',
    },
    { description: 'With its parts', command: '<%= config.bin %> <%= command.id %> --json' },
  ];
  static override flags = {
    ...targetFlags('seq'),
    merge: Flags.string({ helpValue: 'STAMP', description: 'a stamp that was received; the new one is higher' }),
    'max-drift': durationFlag({ default: 500, description: 'how far ahead of this clock a merged stamp may be' }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(SeqHlc);
    const remote = flags.merge === undefined ? undefined : parseStamp(flags.merge);
    if (flags.merge !== undefined && remote === undefined) {
      throw invalidValue('--merge', flags.merge, 'a stamp', 'write it as ds seq hlc prints it: 1764000000123.00007');
    }
    const target = resolveTarget(flags, 'seq', this.context, seqUrl);
    const stamp = await withSequencer(target, this.context, ({ hlc }) =>
      remote === undefined ? hlc.tick() : hlc.merge(remote, flags['max-drift']),
    );
    this.out.document(toRecord(stamp), () => this.out.line(formatStamp(stamp)));
  }
}

function toRecord(stamp: HybridTimestamp) {
  return { stamp: formatStamp(stamp), time: isoTime(stamp.wall), logical: stamp.logical, packed: packStamp(stamp) };
}
