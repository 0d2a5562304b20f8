/** `parse=regex:PATTERN` (fields are its named groups) and `parse=grok:PATTERN`. Both run in linear time. */
import { compileRegex, type Regex } from '../../regex/index.js';
import { badTransform } from '../bad-transform.js';
import { expandGrok } from './grok.js';
import { type LineParser, textParser } from './parser.js';

/** Error: `log.bad_pattern`, `log.bad_transform` where no group has a name. */
export function regexParser(pattern: string): LineParser {
  const regex = compileRegex(pattern);
  if (regex.groupNames.every((name) => name === undefined)) {
    throw badTransform(
      `no group of ${pattern} has a name, so that it finds no field`,
      'parse=regex:(?P<status>[0-9]{3})',
    );
  }
  return groupsParser('regex', regex, regex.groupNames);
}

/** Errors as of {@link expandGrok} and of `regexParser`. */
export function grokParser(pattern: string): LineParser {
  const { source, fields } = expandGrok(pattern);
  const regex = compileRegex(source);
  const names = regex.groupNames.map((name) => (name === undefined ? undefined : (fields.get(name) ?? name)));
  if (names.every((name) => name === undefined)) {
    throw badTransform(`${pattern} names no field`, 'parse=grok:%{IP:client} %{WORD:method} %{NUMBER:bytes}');
  }
  return groupsParser('grok', regex, names);
}

function groupsParser(kind: string, regex: Regex, names: readonly (string | undefined)[]): LineParser {
  return textParser(kind, (line, fields) => {
    const match = regex.find(line);
    if (match === undefined) return false;
    for (const [number, name] of names.entries()) {
      const value = match.groups[number];
      if (name !== undefined && value !== undefined && value !== '') fields.set(name, value);
    }
    return true;
  });
}
