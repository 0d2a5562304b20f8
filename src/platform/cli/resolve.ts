/**
 * From what was typed to what is to be run. The path is the command: `ds seq worker list` is commands/seq/worker/list,
 * so the file system is the table and nothing has to be read or parsed to find a command.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { splitAtDashes } from './split-at-dashes.js';

export type Resolved =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly words: readonly string[] }
  | {
      readonly kind: 'command';
      /** As oclif writes it: `seq:worker:list`. */
      readonly id: string;
      readonly file: string;
      readonly argv: readonly string[];
    }
  /** A command of an oclif plugin, which is not in our folder. */
  | { readonly kind: 'plugin'; readonly words: readonly string[]; readonly argv: readonly string[] }
  | { readonly kind: 'unknown'; readonly words: readonly string[]; readonly argv: readonly string[] };

/** Flags of every command; they may stand before the command's name, too. */
const LEADING_FLAGS = new Set(['--json', '--quiet', '-q', '--verbose', '-v', '--no-color']);
const HELP_FLAGS = new Set(['--help', '-h']);
const PLUGIN_TOPICS = new Set(['autocomplete']);
/** What a command or topic may be called. Nothing else is looked up on disk. */
const WORD = /^[a-z0-9][a-z0-9-]*$/;

/** `commands` is the folder of the built commands. */
export function resolveCommand(typed: readonly string[], commands: string): Resolved {
  const first = typed.findIndex((argument) => !LEADING_FLAGS.has(argument));
  const argv = first === -1 ? [] : typed.slice(first);
  const leading = first === -1 ? typed : typed.slice(0, first);
  if (argv[0] === '--version') return { kind: 'version' };

  const words = wordsOf(argv);
  if (words[0] === 'help') return { kind: 'help', words: beforeFlags(argv).slice(1) };
  const asksHelp = splitAtDashes(argv).own.some((argument) => HELP_FLAGS.has(argument));

  const depth = commandDepth(words, commands);
  const topic = existsSync(join(commands, ...words));
  if (asksHelp) return { kind: 'help', words: words.slice(0, depth || words.length) };
  if (PLUGIN_TOPICS.has(words[0] ?? '')) return { kind: 'plugin', words, argv };
  if (depth > 0) {
    const path = words.slice(0, depth);
    const file = join(commands, ...path);
    return { kind: 'command', id: path.join(':'), file: `${file}.js`, argv: [...leading, ...argv.slice(depth)] };
  }
  if (topic && words.length === argv.length) return { kind: 'help', words };
  if (words.at(-1) === 'help' && existsSync(join(commands, ...words.slice(0, -1)))) {
    return { kind: 'help', words: words.slice(0, -1) };
  }
  return { kind: 'unknown', words: words.length > 0 ? words : argv.slice(0, 1), argv };
}

function beforeFlags(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((argument) => argument.startsWith('-'));
  return end === -1 ? argv : argv.slice(0, end);
}

/** What stands before the first flag, as far as it could name a command. */
function wordsOf(argv: readonly string[]): string[] {
  const end = argv.findIndex((argument) => !WORD.test(argument));
  return end === -1 ? [...argv] : argv.slice(0, end);
}

/** How many words name a command: the longest that does; 0 for none. */
function commandDepth(words: readonly string[], commands: string): number {
  let depth = 0;
  let folder = commands;
  for (const [i, word] of words.entries()) {
    folder = join(folder, word);
    if (existsSync(`${folder}.js`)) depth = i + 1;
    if (!existsSync(folder)) break;
  }
  return depth;
}
