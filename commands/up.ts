import { catalogue } from '../src/blocks/catalogue.js';
import { Args, Flags } from '../src/platform/cli/command.js';
import { UpCommand } from '../src/platform/cli/up-command.js';

export default class Up extends UpCommand {
  static override summary = 'run blocks together, and again when one dies';
  static override description =
    `One process, a worker thread for each block, so that one block's wait for the disk never stalls another. A block that dies
is started again, after a pause that grows from half a second to half a minute; the others do not notice. What ds.yaml in
the current folder says is run, or the blocks that are named; without both, all with their defaults.

Logs go to stderr and to $DS_HOME/log/<block>.log (see ds logs).

Exit codes: 0 stopped by SIGINT, SIGTERM or ds down; 1 a block is up already; 2 bad options in ds.yaml, or a taken port.`;
  static override examples = [
    { description: 'Everything, in the foreground', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'One block in the background',
      command: `<%= config.bin %> <%= command.id %> seq --detach
<%= config.bin %> ps
<%= config.bin %> logs seq
<%= config.bin %> down`,
    },
    {
      description: 'With options of your own',
      command: `<%= config.bin %> init --yes
<%= config.bin %> <%= command.id %> --config ds.yaml`,
    },
  ];
  static override strict = false;
  static override args = { block: Args.string({ description: 'blocks to run (default: those of ds.yaml, else all)' }) };
  static override flags = {
    config: Flags.string({ char: 'c', helpValue: 'FILE', description: 'read this instead of ./ds.yaml' }),
    detach: Flags.boolean({ description: 'run in the background' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { argv, flags } = await this.parse(Up);
    return this.up(catalogue, argv.map(String), flags);
  }
}
