/** Which requests a policy is for. */
import { type Matcher, pathGlob, textGlob } from './glob.js';
import { normalHost, normalPath } from './normalize.js';
import type { NormalRequest, PolicyMatch } from './policy.js';
import type { YamlReader } from './yaml.js';

const MATCH_KEYS = ['path', 'method', 'host', 'header'];
const LONGEST_PATTERN = 512;

/** Error: `limit.bad_policy`. */
export function readMatch(reader: YamlReader, node: unknown): PolicyMatch {
  const match: { -readonly [Key in keyof PolicyMatch]: PolicyMatch[Key] } = {};
  for (const { key, value } of reader.entries(node, 'match', MATCH_KEYS)) {
    if (key === 'header') match.header = readHeaders(reader, value);
    else if (key === 'path')
      match.path = readPatterns(reader, value, key).map((text) => checkPath(reader, value, text));
    else if (key === 'method') match.method = readPatterns(reader, value, key).map((text) => text.toUpperCase());
    else match.host = readPatterns(reader, value, key).map(normalHost);
  }
  return match;
}

function readHeaders(reader: YamlReader, node: unknown): Record<string, readonly string[]> {
  const headers = reader
    .entries(node, 'header')
    .map(({ key, value }) => [key.toLowerCase(), readPatterns(reader, value, `header ${key}`)]);
  return Object.fromEntries(headers);
}

function readPatterns(reader: YamlReader, node: unknown, what: string): string[] {
  const patterns = reader.items(node).map((item) => reader.text(item, what));
  if (patterns.length === 0) throw reader.fail(node, `${what} needs a value`);
  const long = patterns.find((pattern) => pattern.length > LONGEST_PATTERN);
  if (long !== undefined) throw reader.fail(node, `${what} is longer than ${LONGEST_PATTERN} characters`);
  return patterns;
}

/** Patterns are compared with normal paths, so they must be normal themselves. */
function checkPath(reader: YamlReader, node: unknown, pattern: string): string {
  if (!pattern.startsWith('/') && !pattern.startsWith('*')) {
    throw reader.fail(node, `path ${JSON.stringify(pattern.slice(0, 64))} does not begin with /`, `path: /${pattern}`);
  }
  // A question mark is a wildcard here, and would begin the query there.
  return pattern.startsWith('/')
    ? normalPath(pattern.replaceAll('?', '\u{f8ff}')).replaceAll('\u{f8ff}', '?')
    : pattern;
}

/** The globs compiled. */
export function matcherOf({ path, method, host, header }: PolicyMatch): (request: NormalRequest) => boolean {
  const tests: ((request: NormalRequest) => boolean)[] = [];
  if (method !== undefined) tests.push((request) => method.includes(request.method));
  if (path !== undefined) {
    const matches = anyOf(path.map(pathGlob));
    tests.push((request) => matches(request.path));
  }
  if (host !== undefined) {
    const matches = anyOf(host.map(textGlob));
    tests.push((request) => matches(request.host));
  }
  for (const [name, patterns] of Object.entries(header ?? {})) {
    const matches = anyOf(patterns.map(textGlob));
    tests.push((request) => {
      const value = request.header(name);
      return value !== undefined && matches(value);
    });
  }
  return (request) => tests.every((test) => test(request));
}

function anyOf(matchers: readonly Matcher[]): Matcher {
  const [only] = matchers;
  return matchers.length === 1 && only !== undefined ? only : (text) => matchers.some((matches) => matches(text));
}
