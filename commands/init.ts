import { resolve } from 'node:path';
import { catalogue } from '../src/blocks/catalogue.js';
import { DsCommand, Flags } from '../src/platform/cli/command.js';
import { askForConfig } from '../src/platform/cli/init-questions.js';
import { CONFIG_NAME } from '../src/platform/config/file.js';
import { refuseExisting, renderConfig, writeConfig } from '../src/platform/config/template.js';

export default class Init extends DsCommand {
  static override summary = 'write a ds.yaml that says which blocks ds up runs, and how';
  static override description =
    `Asks which blocks and which addresses; --yes takes all blocks with their defaults and asks nothing. Every option is
written with its default and what it means. A file that is there is kept, unless --force.

Exit codes: 0 written; 2 the file is there already, or there is no terminal to ask on; 130 interrupted.`;
  static override examples = [
    { description: 'Answer a few questions', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In a script; then run it',
      command: `<%= config.bin %> <%= command.id %> --yes
<%= config.bin %> up --detach
<%= config.bin %> down`,
    },
    { description: 'Begin again', command: '<%= config.bin %> <%= command.id %> --yes --force' },
  ];
  static override flags = {
    config: Flags.string({ char: 'c', helpValue: 'FILE', default: CONFIG_NAME, description: 'where to write it' }),
    yes: Flags.boolean({ char: 'y', description: 'ask nothing' }),
    force: Flags.boolean({ description: 'replace the file that is there' }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(Init);
    const path = resolve(flags.config);
    if (!flags.force) refuseExisting(path);
    const blocks = await Promise.all(Object.values(catalogue).map((load) => load()));
    const chosen = flags.yes ? blocks : await askForConfig(blocks);
    await writeConfig(path, renderConfig(chosen), flags.force);
    const names = chosen.map(({ name }) => name);
    this.out.document({ path, blocks: names }, () => this.out.line(`wrote ${path} (${names.join(', ')})`));
    if (this.out.isTerminal) this.out.note('next: ds up', 'dim');
  }
}
