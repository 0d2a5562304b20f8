import { catalogue } from '../src/blocks/catalogue.js';
import { DsCommand } from '../src/platform/cli/command.js';
import { showTour } from '../src/platform/cli/tour-report.js';

export default class Tour extends DsCommand {
  static override summary = 'see every block do one real thing';
  static override description =
    `Starts every block on free ports in a temporary home, asks each through its real protocol with its own command, shows
what came back, and leaves nothing behind. Takes a second or two and touches nothing of yours.

Exit codes: 0 every answer was right; 1 one was not; 130 interrupted.`;
  static override examples = [
    { description: 'Look around', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Check an installation in a script',
      command: '<%= config.bin %> <%= command.id %> --quiet > /dev/null && echo works',
    },
    { description: 'The answers as a document', command: '<%= config.bin %> <%= command.id %> --json' },
  ];

  protected async execute(): Promise<number> {
    await this.parse(Tour);
    const { takeTour } = await import('../src/platform/daemon/tour.js');
    const { clock } = this.context;
    const startedAt = clock.monotonic();
    const spinner = await this.out.spinner('starting');
    const results = await takeTour({
      ...this.context,
      catalogue,
      onProgress: (text) => spinner.text(text),
    }).finally(() => spinner.stop());
    return showTour(this.out, results, clock.monotonic() - startedAt);
  }
}
