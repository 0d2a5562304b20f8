import { kvUrl, readConditions, typedBytes, withStore } from '../../src/blocks/kv/index.js';
import {
  Args,
  countFlag,
  DsCommand,
  Flags,
  resolveTarget,
  sameTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { confirm } from '../../src/platform/cli/confirm.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

export default class KvDelete extends DsCommand {
  static override strict = false;
  static override summary = 'remove keys';
  static override description =
    `Of any type. More than one key is asked for on a terminal, and wants --yes in a script. Conditions are for one key.

Pipes get a line for each key: the key and deleted or kept, between tabs. --json: a line for each key, {key, deleted}.

Exit codes: 0 all removed; 1 one of them was not there, or a condition did not hold; 2 bad input; 3 the server could not be reached; 4 the
store failed.`;
  static override examples = [
    {
      description: 'One',
      command: '<%= config.bin %> kv put greeting hello\n<%= config.bin %> <%= command.id %> greeting',
    },
    {
      description: 'A lock, if it is still mine',
      command: `<%= config.bin %> kv put lock mine --if-absent
<%= config.bin %> <%= command.id %> lock --if-equals mine`,
    },
    {
      description: 'Several',
      command: `<%= config.bin %> kv put a 1 && <%= config.bin %> kv put b 2
<%= config.bin %> <%= command.id %> a b --yes`,
    },
  ];
  static override args = { key: Args.string({ required: true, description: 'the key; several may follow' }) };
  static override flags = {
    ...targetFlags('kv'),
    'if-equals': Flags.string({ helpValue: 'VALUE', description: 'only if the key holds exactly this' }),
    'if-revision': countFlag({ min: 1, description: 'only if the key was last changed by this revision' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(KvDelete);
    const target = resolveTarget(flags, 'kv', this.context, kvUrl);
    const keys = argv.map((key) => ({ key: String(key), bytes: typedBytes(String(key)) }));
    const conditions = readConditions(flags);
    if (keys.length > 1) {
      if (Object.keys(conditions).length > 0) {
        throw cliErrors.error('usage.conflict', `conditions are for one key, not for ${keys.length}`);
      }
      const again = `ds kv delete KEY… --yes${sameTarget(flags)}`;
      if (!flags.yes && !(await confirm(`Remove ${keys.length} keys?`, again))) return 1;
    }
    return withStore(target, this.context, async (store) => {
      let kept = 0;
      for (const { key, bytes } of keys) {
        const { done } = await store.delete(bytes, conditions);
        if (!done) kept++;
        this.show(key, done, Object.keys(conditions).length > 0);
      }
      return kept === 0 ? 0 : 1;
    });
  }

  private show(key: string, done: boolean, conditional: boolean): void {
    if (this.out.json) this.out.item({ key, deleted: done }, '');
    else if (this.out.quiet) return;
    else if (!this.out.isTerminal) this.out.record([key, done ? 'deleted' : 'kept']);
    else if (done) this.out.styled(key, ['dim', '  deleted']);
    else this.out.styled(key, ['yellow', `  was not there${conditional ? ', or the condition did not hold' : ''}`]);
  }
}
