/** The file of a request's secret headers: `Name: value` lines, comments by `#`. A message never repeats a value. */
import type { ParsedValues } from './values-file.js';

/** A field name is a token, a value has no control characters (RFC 9110, section 5). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\u0000-\u0008\u000a-\u001f\u007f]*)$/;

export function parseHeadersFile(text: string): ParsedValues {
  const values: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return { problem: 'not a line of Name: value', line: index + 1 };
    values[name] = value.trim();
  }
  return { values };
}

/** Of `Authorization: Bearer abc` the token alone, too: a server may repeat it without the scheme. */
export function secretsOfHeaders(values: Readonly<Record<string, string>>): string[] {
  return Object.values(values).flatMap((value) => {
    const credentials = /^[\w-]+ +(\S+)$/.exec(value)?.[1];
    return credentials === undefined ? [value] : [value, credentials];
  });
}
