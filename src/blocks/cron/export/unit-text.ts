/** Values in unit files of systemd (systemd.syntax(7), systemd.exec(5)): quoted, with specifiers and variables taken literally. */

/** In double quotes; `%` begins a specifier. */
export function unitQuoted(text: string): string {
  const quoted = text.replaceAll(/[\\"\p{Cc}]/gu, escaped).replaceAll('%', '%%');
  return `"${quoted}"`;
}

/** Of ExecStart=, where `$` begins a variable, too. */
export function execQuoted(text: string): string {
  return unitQuoted(text).replaceAll('$', '$$$$');
}

/** A text for people, to the end of the line. */
export function unitTitle(text: string): string {
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replace(/[\\\s]+$/, '')
    .trim()
    .replaceAll('%', '%%');
}

/** To the end of the line, where quotes are characters as others; undefined for what cannot be written so. */
export function unitPath(path: string): string | undefined {
  return /\p{Cc}|[\\\s]$/u.test(path) ? undefined : path.replaceAll('%', '%%');
}

function escaped(letter: string): string {
  if (letter === '\n') return '\\n';
  if (letter === '\t') return '\\t';
  if (letter === '\\' || letter === '"') return `\\${letter}`;
  const code = letter.charCodeAt(0);
  // Bytes, not characters: those above ASCII have two in UTF-8.
  return code < 128 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A duration as systemd.time(7) has it. */
export function unitDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
