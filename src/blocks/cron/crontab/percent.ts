/**
 * `%` in the command of a crontab: the first one ends the command and begins its standard input, further ones are line ends, and
 * `\%` is the character itself. As Debian's cron has it, backslashes differ on both sides of the first `%`:
 *
 *     command    a backslash takes the next character with it: `\\` is one backslash, so that `\\%` is one and the beginning of the
 *                input; before any other character it stays, `\n` is `\n`
 *     input      of a row of backslashes the last one stands before the next character, so that `\\%` is `\%`; its last line gets a
 *                line end, unless it is nothing but backslashes
 */

export interface CommandAndInput {
  readonly command: string;
  /** Absent when there is no `%`. */
  readonly input?: string;
}

export function readPercents(text: string): CommandAndInput {
  const split = /^((?:[^\\%]|\\.|\\$)*)(?:%(.*))?$/s.exec(text);
  const command = (split?.[1] ?? '').replaceAll(/\\([\\%])/g, '$1');
  const rest = split?.[2];
  if (rest === undefined) return { command };
  const input = rest.replaceAll(/\\%|%/g, (found) => (found === '%' ? '\n' : '%'));
  return { command, input: /(?:^|\n)\\*$/.test(input) ? input : `${input}\n` };
}

/** The reverse of {@link readPercents}; undefined for what a crontab cannot say. */
export function writePercents(command: string, input: string): string | undefined {
  if (/[\n\0]/.test(command) || /\0/.test(input)) return undefined;
  const text =
    input === '' ? writeCommand(command, TAKES) : `${writeCommand(command, TAKES_OR_ENDS)}%${writeInput(input)}`;
  const read = readPercents(text);
  return read.command === command && (read.input ?? '') === input ? text : undefined;
}

/** Backslashes that would take the next character, and, where input follows, its `%`. Other crons leave all others as they are, too. */
const TAKES = /\\(?=[\\%])/g;
const TAKES_OR_ENDS = /\\(?=[\\%]|$)/g;

function writeCommand(command: string, taking: RegExp): string {
  return command.replaceAll(taking, '\\\\').replaceAll('%', '\\%');
}

/** A last line end comes by itself, unless the line is empty. */
function writeInput(input: string): string {
  const lines = /[^\n]\n$/.test(input) ? input.slice(0, -1) : input;
  return lines.replaceAll('%', '\\%').replaceAll('\n', '%');
}
