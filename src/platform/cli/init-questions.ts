/** The questions of `ds init`: which blocks, and where each of them listens. What is off by default is not asked about. */
import type { TemplateBlock } from '../config/template.js';
import { parseAddress } from '../daemon/address.js';
import { listensByDefault } from '../daemon/free-ports.js';
import { OFF } from '../daemon/shared-options.js';
import { DsError } from '../errors.js';
import { cliErrors } from './errors.js';

/** Errors: `usage.missing` where nobody can answer, `cli.interrupted` on Ctrl-C. */
export async function askForConfig(blocks: readonly TemplateBlock[]): Promise<TemplateBlock[]> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    throw cliErrors.error('usage.missing', 'there is no terminal to ask on', { hint: 'ds init --yes' });
  }
  const { default: inquirer } = await import('inquirer');
  try {
    const { names } = await inquirer.prompt<{ names: string[] }>([
      {
        type: 'checkbox',
        name: 'names',
        message: 'Which blocks should ds up run?',
        choices: blocks.map(({ name, summary }) => ({
          name: `${name.padEnd(8)} ${summary}`,
          short: name,
          value: name,
          checked: true,
        })),
        validate: (chosen: readonly unknown[]) => chosen.length > 0 || 'choose at least one',
      },
    ]);
    const wanted = blocks.filter(({ name }) => names.includes(name));
    const answered: TemplateBlock[] = [];
    for (const block of wanted) answered.push({ ...block, chosen: await askForAddresses(block, inquirer) });
    return answered;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error;
    throw cliErrors.error('cli.interrupted', 'interrupted', { cause: error });
  }
}

type Inquirer = typeof import('inquirer').default;

async function askForAddresses({ name, options }: TemplateBlock, inquirer: Inquirer): Promise<Record<string, string>> {
  const chosen: Record<string, string> = {};
  for (const [key, spec] of Object.entries(options)) {
    if (!listensByDefault(spec)) continue;
    const { address } = await inquirer.prompt<{ address: string }>([
      {
        type: 'input',
        name: 'address',
        message: `${name}: ${key} (${spec.about})`,
        default: spec.default,
        validate: (text: string) => (spec.optional === true && text === OFF) || whyNotAddress(text) || true,
      },
    ]);
    chosen[key] = address;
  }
  return chosen;
}

/** Empty for an address that can be listened on. */
function whyNotAddress(text: string): string {
  try {
    parseAddress(text);
    return '';
  } catch (error) {
    if (error instanceof DsError) return error.message;
    throw error;
  }
}
