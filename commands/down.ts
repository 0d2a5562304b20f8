import { Args, DsCommand, durationFlag } from '../src/platform/cli/command.js';
import { stopDaemons } from '../src/platform/daemon/down.js';

export default class Down extends DsCommand {
  static override summary = 'stop daemons and wait until they have stopped';
  static override description =
    `In order: they stop accepting, finish what is in flight and write what is pending. One that has not ended after --timeout
is killed, and that is said; what it had acknowledged is on disk all the same. Without a name, all are stopped; one block
of a ds up can be stopped alone.

Exit codes: 0 stopped, or nothing was running; 1 a block that was named is not running.`;
  static override examples = [
    { description: 'Stop everything', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Stop one block and leave the others',
      command: `<%= config.bin %> up seq --detach
<%= config.bin %> <%= command.id %> seq`,
    },
    { description: 'Be less patient', command: '<%= config.bin %> <%= command.id %> --timeout 2s' },
  ];
  static override strict = false;
  static override args = { block: Args.string({ description: 'blocks to stop (default: all)' }) };
  static override flags = {
    timeout: durationFlag({ default: 20_000, min: 1, description: 'how long a daemon may take before it is killed' }),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(Down);
    const { home, clock } = this.context;
    const spinner = await this.out.spinner('stopping');
    const stopped = await stopDaemons({ home, clock, blocks: argv.map(String), timeoutMs: flags.timeout }).finally(() =>
      spinner.stop(),
    );
    for (const { block, pid, killed } of stopped) {
      if (killed) this.out.warn(`${block} (pid ${pid}) did not stop in time and was killed`);
    }
    this.out.document(stopped, () => {
      if (stopped.length === 0) this.out.note('nothing is running');
      for (const { block, pid } of stopped)
        this.out.line(this.out.isTerminal ? `stopped ${block} (pid ${pid})` : `${block}\t${pid}`);
    });
  }
}
