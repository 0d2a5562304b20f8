/** Help: for all of ds, for a block, for a command, for exit codes and errors. */
import { guessOutputFlags, makeOutput } from '../output-flags.js';
import { writeOut } from '../standard-output.js';
import { refuseUnknown } from '../unknown-command.js';
import { commandHelp } from './command.js';
import { readDescriptions } from './descriptions.js';
import type { HelpStyle } from './layout.js';
import { errorsPage, exitCodesPage } from './pages.js';
import { rootHelp } from './root.js';
import { topicHelp } from './topic.js';

/** `words` name what help is wanted for; none: all of ds. `typed` is all that was typed. */
export async function showHelp(root: string, words: readonly string[], typed: readonly string[]): Promise<void> {
  const out = makeOutput(guessOutputFlags(typed));
  const text = await helpText(root, words, { width: helpWidth(out.isTerminal), paint: out.paintStdout });
  writeOut(`${text.trimEnd()}\n`);
}

/** Lines longer than this are hard to read. */
const WIDEST = 100;
const NARROWEST = 40;
/** For a pipe. */
const USUAL = 80;

function helpWidth(isTerminal: boolean): number {
  const columns = isTerminal ? process.stdout.columns || USUAL : USUAL;
  return Math.max(NARROWEST, Math.min(columns, WIDEST));
}

async function helpText(root: string, words: readonly string[], style: HelpStyle): Promise<string> {
  if (words[0] === 'exit-codes') return exitCodesPage(style);
  if (words[0] === 'errors') return errorsPage(root, words[1], style);
  const descriptions = readDescriptions(root);
  if (words.length === 0) return rootHelp(descriptions, style);
  const command = descriptions.commands.find(({ id }) => id === words.join(':'));
  if (command !== undefined) return commandHelp(command, style);
  return topicHelp(descriptions, words, style) ?? refuseUnknown(root, words);
}
