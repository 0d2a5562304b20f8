/** The question before something that cannot be undone. */
import { cliErrors } from './errors.js';

/**
 * Asks on a terminal, with «no» as the default. In a script there is nobody to ask: `usage.missing`, with the command
 * that goes on without a question as its hint.
 */
export async function confirm(question: string, withoutAsking: string): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw cliErrors.error('usage.missing', 'missing --yes: there is no terminal to ask on', { hint: withoutAsking });
  }
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  try {
    const { sure } = await prompt([{ type: 'confirm', name: 'sure', message: question, default: false }]);
    return sure === true;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error;
    throw cliErrors.error('cli.interrupted', 'interrupted', { cause: error });
  }
}
