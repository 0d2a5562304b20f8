import {
  limitUrl,
  paceLines,
  readLimit,
  readQueue,
  sharedPace,
  steadyPace,
  withLimiter,
} from '../../src/blocks/limit/index.js';
import { countFlag, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

export default class LimitPipe extends DsCommand {
  static override summary = 'pace the lines of stdin';
  static override description =
    `Copies stdin to stdout, so many lines in so much time, evenly spaced. Bytes are untouched: any line length, any encoding, NUL,
a last line without an end. The reader's pace holds the input back, and so does the limit: nothing is collected.

Lines that come closer together than 5 ms go in batches, so that the rate is exact up to millions a second; after a pause
of the input what was missed is not made up for, but for 5 ms or --burst.

With --key several pipes, on one machine or many, share the rate: they take their lines from one queue (a leaky bucket); with
--burst from a limit like that of "ds limit check --rate --burst".

Exit codes: 0 all is written, or the reader has gone; 2 bad input; 3 the server could not be reached; 4 the store failed; 130
interrupted.`;
  static override examples = [
    {
      description: 'Four lines, the last one 150 ms after the first',
      command: 'printf "%s\\n" a b c d | <%= config.bin %> <%= command.id %> --rate 20/s',
    },
    {
      description: 'A replayed log, a hundred thousand lines a second',
      command: 'seq 20000 | <%= config.bin %> <%= command.id %> --rate 100000/s | tail -n 1',
    },
    {
      description: 'Two pipes that together make 40 lines a second',
      command:
        'seq 4 | <%= config.bin %> <%= command.id %> --rate 40/s --key mails & seq 4 | <%= config.bin %> <%= command.id %> --rate 40/s --key mails; wait',
    },
  ];
  static override flags = {
    ...targetFlags('limit'),
    rate: Flags.string({ required: true, helpValue: 'RATE', description: 'lines in what time: 100/s 5/min 20/250ms' }),
    burst: countFlag({ description: 'lines at once after a pause of the input (default: 1)' }),
    key: Flags.string({ description: 'share the rate with every pipe of this key' }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(LimitPipe);
    if (this.out.json) {
      throw cliErrors.error('usage.conflict', 'lines pass as they are: there is no --json of them', {
        hint: `ds limit pipe --rate ${flags.rate}`,
      });
    }
    const { clock, random } = this.context;
    const input: AsyncIterable<Uint8Array> = process.stdin;
    const write = (bytes: Uint8Array) => this.out.bytes(bytes);
    if (flags.key === undefined) {
      if (flags.db !== undefined || flags.url !== undefined) {
        throw cliErrors.error('usage.conflict', '--db and --url need --key: without one nothing is shared', {
          hint: `ds limit pipe --rate ${flags.rate} --key lines`,
        });
      }
      await paceLines(input, steadyPace(readLimit({ rate: flags.rate, burst: flags.burst ?? 1 }), clock), write);
      return;
    }
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    const limit = flags.burst === undefined ? readQueue(flags.rate) : readLimit(flags);
    // Without the signal: what reads stdin would not see it, and nothing here has to be wound up.
    const waiting = { clock, random, timeoutMs: Number.POSITIVE_INFINITY };
    const demand = { scope: '', key: flags.key, limit };
    await withLimiter(
      target,
      this.context,
      (limiter) => paceLines(input, sharedPace(limiter, demand, waiting), write),
      { oneShot: true, onNotice: (text) => this.out.warn(text) },
    );
  }
}
