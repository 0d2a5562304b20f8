/** Commands that are a family: `OBJECT ENCODING key`. */
import { type Reply, simple } from '../../../platform/protocol/resp/reply.js';
import { type ByteString, textOf } from '../bytes.js';
import { refusal } from '../errors.js';
import type { Call, Outcome } from './command.js';

export interface Subcommand {
  /** Arguments behind its name: at least, and at most. */
  readonly least: number;
  readonly most: number;
  run(call: Call, args: readonly ByteString[]): Outcome;
}

/** `args` begin with the subcommand's name. Errors: unknown subcommand; wrong number of arguments for it. */
export function runSubcommand(
  command: string,
  subcommands: Readonly<Record<string, Subcommand>>,
  call: Call,
  args: readonly ByteString[],
): Outcome {
  const [given = '', ...rest] = args;
  const name = given.toLowerCase();
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (subcommand === undefined) {
    const shown = textOf(given.slice(0, 128));
    throw refusal('ERR', `unknown subcommand '${shown}'. Try ${command.toUpperCase()} HELP.`);
  }
  if (rest.length < subcommand.least || rest.length > subcommand.most) {
    throw refusal('ERR', `wrong number of arguments for '${command}|${name}' command`);
  }
  return subcommand.run(call, rest);
}

/** The answer of a HELP: each line as one that Redis prints. */
export function help(command: string, lines: readonly string[]): Subcommand {
  const head = `${command.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`;
  const reply: Reply = [head, ...lines, 'HELP', '    Prints this help.'].map(simple);
  return { least: 0, most: 0, run: () => reply };
}
