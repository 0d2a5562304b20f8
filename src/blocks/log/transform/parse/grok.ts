/**
 * Grok: regular expressions by name, as Logstash and many after it have them.
 *
 *     %{IP:client} %{WORD:method}  →  (?P<g0>…the expression of IP…) (?P<g1>\w+)      g0 is client, g1 is method
 *
 * A name may come twice; the last one that matched counts. A type behind a second colon (`:int`) is taken and means nothing: fields are text.
 */
import { closest } from '../../../../platform/closest.js';
import { logErrors } from '../../errors.js';
import { MAX_PATTERN_LENGTH } from '../../regex/index.js';
import { GROK_PATTERNS } from './grok-patterns.js';

/** The library nests seven deep. */
const DEEPEST = 16;
const REFERENCE = /%\{([A-Z0-9_]{1,64})(?::([^:}]{1,128}))?(?::(?:int|long|float|double|string|boolean))?\}/g;

export interface ExpandedGrok {
  /** A regular expression of RE2. */
  readonly source: string;
  /** The field of each group that the expansion has named. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Errors: `log.bad_pattern` where a name is not known, or where it becomes too long. */
export function expandGrok(pattern: string): ExpandedGrok {
  const fields = new Map<string, string>();
  let length = 0;
  const expand = (text: string, depth: number): string => {
    length += text.length;
    if (depth > DEEPEST || length > 4 * MAX_PATTERN_LENGTH) {
      throw bad(`${JSON.stringify(pattern.slice(0, 100))} becomes too long when it is written out`);
    }
    return text.replace(REFERENCE, (_, name: string, field: string | undefined) => {
      const known = GROK_PATTERNS.get(name);
      if (known === undefined) throw unknown(name);
      const inner = expand(known, depth + 1);
      if (field === undefined) return `(?:${inner})`;
      const group = `g${fields.size}`;
      fields.set(group, field.replace(/^\[|\]$/g, '').replaceAll('][', '_'));
      return `(?P<${group}>${inner})`;
    });
  };
  const source = expand(pattern, 0);
  const left = /%\{[^}]{0,80}\}?/.exec(source);
  if (left !== null) throw bad(`"${left[0]}" is not how grok refers to a pattern`);
  return { source, fields };
}

function unknown(name: string) {
  const nearest = closest(name, [...GROK_PATTERNS.keys()]);
  return bad(`grok has no pattern ${name}`, nearest === undefined ? undefined : `did you mean %{${nearest}}`);
}

function bad(message: string, hint = 'parse=grok:%{IP:client} %{WORD:method} %{NUMBER:bytes}') {
  return logErrors.error('log.bad_pattern', message, { hint });
}
