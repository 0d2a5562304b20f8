import { limitUrl, withLimiter } from '../../src/blocks/limit/index.js';
import { DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class LimitStats extends DsCommand {
  static override summary = 'show how many keys are counted and blocked';
  static override description = `A key is counted in each scope apart, as long as it is not back to a fresh state.

Pipes get "keys" and "blocked" with their numbers, between tabs.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'What is in the file',
      command: '<%= config.bin %> limit check deploys --rate 5/h\n<%= config.bin %> <%= command.id %>',
    },
    { description: 'Only the keys', command: '<%= config.bin %> <%= command.id %> | awk \'$1 == "keys" {print $2}\'' },
    {
      description: 'A Redis that many machines share',
      command: '<%= config.bin %> <%= command.id %> --url redis://127.0.0.1:6379 --json',
    },
  ];
  static override flags = { ...targetFlags('limit') };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(LimitStats);
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    const { keys, blocked } = await withLimiter(target, this.context, (limiter) => limiter.counts());
    this.out.document({ keys, blocked }, () => {
      if (!this.out.isTerminal) return this.out.line(`keys\t${keys}\nblocked\t${blocked}`);
      const counted = `${keys.toLocaleString('en-US')} ${keys === 1 ? 'key is' : 'keys are'} counted`;
      this.out.line(`${counted}, ${blocked.toLocaleString('en-US')} ${blocked === 1 ? 'is' : 'are'} blocked`);
    });
  }
}
