import { limitUrl, withLimiter } from '../../src/blocks/limit/index.js';
import {
  Args,
  type Column,
  DsCommand,
  Flags,
  quoteForShell,
  resolveTarget,
  sameTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { confirm } from '../../src/platform/cli/confirm.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

export default class LimitReset extends DsCommand {
  static override strict = false;
  static override summary = 'forget what was counted for a key';
  static override description =
    `The key is then as if it had never been used, in every scope or in the one given, and a block on it is lifted. More than one key
is asked about on a terminal, and needs --yes in a script.

Pipes get key and "reset" or "unknown", between tabs; --json one object a line.

Exit codes: 0 all are forgotten; 1 nothing was known of one of them; 2 bad input; 3 the server could not be reached; 4 the
store failed.`;
  static override examples = [
    {
      description: 'Let deploys go on',
      command: '<%= config.bin %> limit check deploys --rate 5/h\n<%= config.bin %> <%= command.id %> deploys',
    },
    {
      description: 'Two at once',
      command: `<%= config.bin %> limit check api:ada --rate 5/h
<%= config.bin %> limit check api:bob --rate 5/h
<%= config.bin %> <%= command.id %> api:ada api:bob --yes`,
    },
    {
      description: 'The five busiest',
      command: `<%= config.bin %> limit check api:ada --rate 5/h
<%= config.bin %> limit top -n 5 | cut -f2 | sort -u | xargs -d '\\n' <%= config.bin %> <%= command.id %> --yes`,
    },
  ];
  static override args = { key: Args.string({ required: true, description: 'what is limited; several may follow' }) };
  static override flags = {
    ...targetFlags('limit'),
    scope: Flags.string({ description: 'only this scope: <policy>/<limit>; blocks stay' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LimitReset);
    const keys = [...new Set(argv.map(String))];
    if (keys.length > 1 && !flags.yes) {
      const command = `ds limit reset ${keys.map(quoteForShell).join(' ')} --yes${sameTarget(flags)}`;
      if (!(await confirm(`forget what was counted for ${keys.length} keys?`, command))) {
        throw cliErrors.error('cli.interrupted', 'nothing was reset');
      }
    }
    const target = resolveTarget(flags, 'limit', this.context, limitUrl);
    return withLimiter(
      target,
      this.context,
      async (limiter) => {
        let unknown = 0;
        for (const key of keys) {
          const reset = await limiter.reset(key, flags.scope);
          if (!reset) unknown++;
          const state = reset ? 'reset' : 'unknown';
          if (this.out.json) this.out.item({ key, state }, '');
          else if (this.out.isTerminal) this.out.line(reset ? `${key} reset` : `nothing is known of ${key}`);
          else this.out.table(columns, [{ key, state }]);
        }
        return unknown === 0 ? 0 : 1;
      },
      { oneShot: true },
    );
  }
}

/** For a pipe: a key may hold tabs and line ends. */
const columns: Column<{ readonly key: string; readonly state: string }>[] = [
  { header: 'key', value: ({ key }) => key },
  { header: 'state', value: ({ state }) => state },
];
