/**
 * `%` in the command of a crontab: the first one ends the command and begins its standard input, further ones are line ends, and
 * `\%` is the character itself. As cron has it, backslashes differ on both sides of the first `%`:
 *
 *     command    a backslash takes the next character with it, so that `\\%` is two backslashes and the beginning of the input
 *     input      of a row of backslashes the last one stands before the next character, so that `\\%` is `\%`
 */

export interface CommandAndInput {
  readonly command: string;
  /** Ends in a line end unless it is empty; absent when there is no `%`. */
  readonly input?: string;
}

export function readPercents(text: string): CommandAndInput {
  const split = /^((?:[^\\%]|\\.|\\$)*)(?:%(.*))?$/s.exec(text);
  const command = (split?.[1] ?? '').replaceAll(/\\(.)/gs, (pair, taken: string) => (taken === '%' ? '%' : pair));
  const rest = split?.[2];
  if (rest === undefined) return { command };
  const input = rest.replaceAll(/\\%|%/g, (found) => (found === '%' ? '\n' : '%'));
  return { command, input: input === '' || input.endsWith('\n') ? input : `${input}\n` };
}

/** The reverse of {@link readPercents}; undefined for what a crontab cannot say. */
export function writePercents(command: string, input: string): string | undefined {
  if (/[\n\0]/.test(command) || /\0/.test(input)) return undefined;
  const line = command.replaceAll('%', '\\%');
  const text = input === '' ? line : `${line}%${writeInput(input)}`;
  const read = readPercents(text);
  return read.command === command && (read.input ?? '') === input ? text : undefined;
}

/** A last line end comes by itself, unless the line is empty. */
function writeInput(input: string): string {
  const lines = /[^\n]\n$/.test(input) ? input.slice(0, -1) : input;
  return lines.replaceAll('%', '\\%').replaceAll('\n', '%');
}
