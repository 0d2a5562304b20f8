/**
 * The file of a job's variables, as `docker --env-file`, dotenv and systemd's EnvironmentFile= read it, where they agree:
 *
 *     # a comment
 *     TOKEN=s3cr3t                up to the end of the line or ` #`; blanks around it do not count
 *     export NAME='as it $tands'  nothing in it is special; may go over several lines
 *     KEY="two\nlines \"quoted\""   \n \r \t \\ \" \$ \` are read; may go over several lines
 *
 * Nothing is expanded. A message never repeats a value.
 */
import type { ParsedValues } from './values-file.js';

const BEGIN = /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][A-Za-z0-9_]*)=[^\S\n]*/y;
const NOTHING = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const SINGLE = /'([^']*)'/y;
const DOUBLE = /"([^"\\]*(?:\\.[^"\\]*)*)"/sy;
const PLAIN = /(?:(?![^\S\n]#)[^\n])*/y;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

export function parseEnvironmentFile(text: string): ParsedValues {
  const values: Record<string, string> = {};
  const bad = (problem: string, at: number) => ({ problem, line: text.slice(0, at).split('\n').length });
  let at = text.startsWith('\ufeff') ? 1 : 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at += match[0].length;
    return match;
  };
  if (text.includes('\0')) return bad('a NUL character', text.indexOf('\0'));
  while (at < text.length) {
    if (take(NOTHING) !== null) continue;
    const begunAt = at;
    const name = take(BEGIN)?.[1];
    if (name === undefined) return bad('not a line of NAME=VALUE', begunAt);
    const quote = text[at];
    const value = quote === "'" || quote === '"' ? takeQuoted(quote, take) : take(PLAIN)?.[0].trim();
    if (value === undefined) return bad(`the value of ${name} has no closing quote`, begunAt);
    if (take(NOTHING) === null) return bad(`something stands behind the quoted value of ${name}`, at);
    values[name] = value;
  }
  return { values };
}

function takeQuoted(quote: '"' | "'", take: (pattern: RegExp) => RegExpExecArray | null): string | undefined {
  if (quote === "'") return take(SINGLE)?.[1];
  return take(DOUBLE)?.[1]?.replace(/\\(.)/gs, (pair, character: string) => {
    return ESCAPES[character] ?? ('\\"$`'.includes(character) ? character : character === '\n' ? '' : pair);
  });
}
