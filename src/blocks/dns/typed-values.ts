/**
 * Data of records as it is typed on a command line, where the shell has taken the quotes away:
 *
 *     A 10.0.0.1 10.0.0.2          an argument is a value: two records
 *     MX '10 mail.shop.test'       its words are those of a master file
 *     MX 10 mail.shop.test         arguments that are no values by themselves are the words of one
 *     TXT 'v=spf1 -all'            a text is taken as it is, spaces, semicolons and backslashes too
 *     TXT '"one" "two"'            unless it begins with a double quote: strings of a master file
 *
 * Names are written in full; the dot at the end may be left out.
 */
import { DsError } from '../../platform/errors.js';
import { dnsErrors } from './errors.js';
import { Name } from './name.js';
import { parsePeriod, parseRdata, type Word } from './rdata/index.js';
import { asciiName } from './typed-name.js';
import { isMetaType, parseType, RRType, typeName } from './wire.js';

export interface TypedValues {
  /** At least one; each once. */
  readonly rdatas: readonly Uint8Array[];
  /** Names of a single label that were written without a dot, so that they may have been meant within a zone: `www`. */
  readonly topLevelTargets: readonly string[];
}

/** A type that records have. Errors: `dns.unknown_type`, `dns.bad_record`. */
export function readRecordType(text: string): number {
  if (/^(\d+[smhdw]?|IN)$/i.test(text)) {
    throw dnsErrors.error('dns.unknown_type', `"${text.slice(0, 40)}" is no record type`, {
      hint: 'the type comes after the name, without TTL and class: www.shop.test A 10.0.0.7 --ttl 300',
      details: { type: text.slice(0, 40) },
    });
  }
  const type = parseType(text);
  if (type !== 0 && !isMetaType(type)) return type;
  throw dnsErrors.error('dns.bad_record', `${typeName(type)} is a type to ask for: no record has it`);
}

/** Seconds, or a time such as `1h30m`. Error: `dns.bad_record`. */
export function readTtl(text: string): number {
  try {
    return parsePeriod(text, '--ttl');
  } catch (error) {
    if (!(error instanceof DsError)) throw error;
    throw dnsErrors.error('dns.bad_record', error.message, { hint: 'write --ttl 300, or --ttl 5m', cause: error });
  }
}

/** `args` as typed, at least one. Errors: `dns.bad_record`, `dns.bad_name`. */
export function readTypedValues(type: number, args: readonly string[]): TypedValues {
  const values = splitValues(type, args);
  const rdatas = new Map(values.map(({ rdata }) => [Buffer.from(rdata).toString('latin1'), rdata]));
  const targets = hasTarget.has(type) ? values.map(({ words }) => words.at(-1)?.text ?? '') : [];
  return {
    rdatas: [...rdatas.values()],
    topLevelTargets: targets.filter((text) => /^[^.\\]+$/.test(text) && text.toLowerCase() !== 'localhost'),
  };
}

interface Value {
  readonly words: readonly Word[];
  readonly rdata: Uint8Array;
}

function splitValues(type: number, args: readonly string[]): Value[] {
  const values: Value[] = [];
  for (const arg of args) {
    const value = tryValue(type, () => wordsOfValue(type, arg));
    if (!(value instanceof DsError)) values.push(value);
    else if (args.length === 1 || values.length > 0 || isText.has(type)) throw withExample(type, value);
    else return [joinedValue(type, args)];
  }
  return values;
}

function joinedValue(type: number, args: readonly string[]): Value {
  const value = tryValue(type, () => args.flatMap((arg) => wordOf(arg)));
  if (value instanceof DsError) throw withExample(type, value);
  return value;
}

function tryValue(type: number, split: () => readonly Word[]): Value | DsError {
  try {
    const words = withAsciiTarget(type, split());
    return { words, rdata: parseRdata(type, words, Name.root) };
  } catch (error) {
    if (error instanceof DsError) return error;
    throw error;
  }
}

/** Types whose data is strings and nothing else. */
const isText: ReadonlySet<number> = new Set([RRType.TXT, 99, 258, 261]);

/** Types whose data ends in the name of a host. */
const hasTarget: ReadonlySet<number> = new Set<number>([
  RRType.NS,
  RRType.CNAME,
  RRType.PTR,
  RRType.MX,
  RRType.SRV,
  RRType.DNAME,
]);

function withAsciiTarget(type: number, words: readonly Word[]): readonly Word[] {
  const last = words.at(-1);
  if (last === undefined || !hasTarget.has(type)) return words;
  return [...words.slice(0, -1), { ...last, text: asciiName(Buffer.from(last.text, 'latin1').toString()) }];
}

/** Octets of a character string (RFC 1035, section 3.3). */
const LONGEST_STRING = 255;

function wordsOfValue(type: number, arg: string): Word[] {
  if (!isText.has(type) || arg.trimStart().startsWith('"')) return splitWords(binary(arg), type);
  const octets = binary(arg);
  const words: Word[] = [];
  for (let at = 0; at < octets.length || at === 0; at += LONGEST_STRING) {
    words.push({ text: octets.slice(at, at + LONGEST_STRING).replaceAll('\\', '\\\\'), quoted: true });
  }
  return words;
}

/** An argument that is one word: what the shell has kept together stays so, in quotes of its own or not. */
function wordOf(arg: string): Word[] {
  const text = binary(arg);
  const inner = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1];
  if (inner !== undefined) return [{ text: inner, quoted: true }];
  return [{ text, quoted: text === '' || /[\s;()"]/.test(text) }];
}

/** Binary text, see name.ts. */
function binary(arg: string): string {
  return Buffer.from(arg, 'utf8').toString('latin1');
}

/**
 * The words of a master file's entry. Comments and parentheses, which it may have, are refused: a semicolon is more likely
 * part of a text that has lost its quotes.
 */
function splitWords(text: string, type: number): Word[] {
  // Parts of a parameter stick together: alpn="h2,h3" is one word (RFC 9460, section 2.1).
  const glues = type === RRType.SVCB || type === RRType.HTTPS;
  const words: Word[] = [];
  let end = -1;
  for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)"|((?:[^\s"\\;()]|\\.)+)|(\s+)|(.)/gs)) {
    const [all, inQuotes, bare, , wrong] = match;
    if (wrong !== undefined) throw notAllowed(wrong);
    const part = inQuotes ?? bare;
    if (part === undefined) continue;
    const before = words.at(-1);
    if (glues && before !== undefined && match.index === end) {
      words[words.length - 1] = { text: before.text + part, quoted: true };
    } else words.push({ text: part, quoted: inQuotes !== undefined });
    end = match.index + all.length;
  }
  return words;
}

function notAllowed(character: string) {
  if (character === '"') return dnsErrors.error('dns.bad_record', 'a double quote is not closed');
  const what = character === '\\' ? 'a backslash escapes nothing' : `${character} stands outside of double quotes`;
  return dnsErrors.error('dns.bad_record', what);
}

const examples: Readonly<Record<number, string>> = {
  [RRType.A]: '192.0.2.1',
  [RRType.AAAA]: '2001:db8::1',
  [RRType.NS]: 'ns1.shop.test',
  [RRType.CNAME]: 'www.shop.test',
  [RRType.SOA]: 'ns1.shop.test hostmaster.shop.test 1 7200 3600 1209600 300',
  [RRType.PTR]: 'www.shop.test',
  [RRType.MX]: "'10 mail.shop.test'",
  [RRType.TXT]: "'v=spf1 -all'",
  [RRType.SRV]: "'0 5 443 www.shop.test'",
  [RRType.HTTPS]: "'1 . alpn=h2,h3'",
  [RRType.SVCB]: "'1 www.shop.test alpn=h2'",
  257: "'0 issue ca.test'",
};

function withExample(type: number, error: DsError): DsError {
  const example = examples[type];
  const name = typeName(type);
  return dnsErrors.error('dns.bad_record', `the data is no ${name} record's: ${error.message}`, {
    ...(example === undefined ? {} : { hint: `write it as ${name} ${example}` }),
    details: { type: name },
    cause: error,
  });
}
