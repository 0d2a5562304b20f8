/** CORS configurations: read, and asked whether a page of some origin may. */
import { allowOnly, childrenOf, countOf, malformed, readXml, textOf, type XmlElement } from './xml-reader.js';

export interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAgeSeconds?: number;
}

export interface CorsQuestion {
  readonly origin: string;
  readonly method: string;
  /** Those that the page wants to send; in lower case. */
  readonly headers: readonly string[];
}

const MOST_RULES = 100;
/** Of HTTP (RFC 9110, section 5.6.2), which has the star, too. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];

/** Error: `blob.malformed_xml`. */
export function readCorsXml(bytes: Uint8Array): readonly CorsRule[] {
  const root = readXml(bytes, 'CORSConfiguration');
  allowOnly(root, ['CORSRule']);
  const rules = childrenOf(root, 'CORSRule');
  if (rules.length === 0 || rules.length > MOST_RULES) throw malformed(`it is to have 1 to ${MOST_RULES} rules`);
  return rules.map(readRule);
}

function readRule(rule: XmlElement): CorsRule {
  allowOnly(rule, ['ID', 'AllowedOrigin', 'AllowedMethod', 'AllowedHeader', 'ExposeHeader', 'MaxAgeSeconds']);
  const texts = (name: string) => childrenOf(rule, name).map(({ text }) => text.trim());
  const origins = texts('AllowedOrigin');
  const methods = texts('AllowedMethod');
  const headers = texts('AllowedHeader');
  if (origins.length === 0 || methods.length === 0) throw malformed('a rule needs AllowedOrigin and AllowedMethod');
  const unknown = methods.find((method) => !METHODS.includes(method));
  if (unknown !== undefined)
    throw malformed(`AllowedMethod ${JSON.stringify(unknown.slice(0, 50))} is none of ${METHODS.join(', ')}`);
  const exposed = texts('ExposeHeader');
  const noName = [...headers, ...exposed].find((name) => !HEADER_NAME.test(name));
  if (noName !== undefined) throw malformed(`${JSON.stringify(noName.slice(0, 100))} is no name of a header`);
  for (const pattern of [...origins, ...headers]) {
    if (pattern.split('*').length > 2) throw malformed(`${JSON.stringify(pattern.slice(0, 100))} has more than one *`);
  }
  if ((textOf(rule, 'ID')?.length ?? 0) > 255) throw malformed('the ID of a rule is longer than 255 characters');
  const maxAgeSeconds = countOf(rule, 'MaxAgeSeconds');
  return {
    ...{ origins, methods, headers, exposed },
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
  };
}

/** Headers of the answer by which the browser lets the page; undefined: no rule allows it. */
export function corsAnswer(
  rules: readonly CorsRule[],
  question: CorsQuestion,
): readonly (readonly [string, string])[] | undefined {
  for (const rule of rules) {
    const pattern = rule.origins.find((origin) => matches(origin, question.origin));
    if (pattern === undefined || !rule.methods.includes(question.method)) continue;
    if (!question.headers.every((header) => rule.headers.some((allowed) => matches(allowed.toLowerCase(), header))))
      continue;
    return answerHeaders(rule, pattern, question);
  }
  return undefined;
}

function answerHeaders(rule: CorsRule, pattern: string, question: CorsQuestion): [string, string][] {
  const anyone = pattern === '*';
  return [
    ['access-control-allow-origin', anyone ? '*' : question.origin],
    ...(anyone ? [] : [['access-control-allow-credentials', 'true'] satisfies [string, string]]),
    ['access-control-allow-methods', rule.methods.join(', ')],
    ...list('access-control-allow-headers', question.headers),
    ...list('access-control-expose-headers', rule.exposed),
    ...(rule.maxAgeSeconds === undefined
      ? []
      : [['access-control-max-age', String(rule.maxAgeSeconds)] satisfies [string, string]]),
    ['vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'],
  ];
}

function list(name: string, values: readonly string[]): [string, string][] {
  return values.length === 0 ? [] : [[name, values.join(', ')]];
}

function matches(pattern: string, text: string): boolean {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return pattern === text;
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
