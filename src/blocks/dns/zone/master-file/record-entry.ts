/**
 * One entry that is a record:
 *
 *     [owner] [TTL] [class] type data …          TTL and class in either order; blank owner: that of the record before
 */
import { Name } from '../../name.js';
import { parsePeriod, parseRdata, type Word } from '../../rdata/index.js';
import { readUint32 } from '../../wire/octets.js';
import { className, findClass, findType, isMetaType, parseType, RRClass, RRType, typeName } from '../../wire.js';
import type { Context } from './context.js';
import type { FileWord } from './lexer.js';
import { badEntry, shown } from './problems.js';

/** How a record got a TTL that it did not state. */
export type TtlSource = 'stated' | 'default' | 'last stated' | 'SOA minimum';

export interface RecordEntry {
  readonly name: Name;
  readonly type: number;
  readonly ttl: number;
  readonly ttlSource: TtlSource;
  readonly rdata: Uint8Array;
}

/** Type, and what stood before it. */
interface Head {
  readonly ttl: number | undefined;
  readonly type: number;
  /** Index of the first word of the data. */
  readonly dataAt: number;
}

/** Reads the entry and notes in the context what later ones depend on. Error: `dns.bad_zone_file` and others. */
export function readRecord(words: readonly FileWord[], beginsBlank: boolean, context: Context): RecordEntry {
  const name = beginsBlank ? lastOwner(words, context) : readOwner(words, context);
  const { ttl, type, dataAt } = readHead(words, beginsBlank ? 0 : 1, beginsBlank);
  context.owner = name;
  if (type === RRType.SOA) context.origin ??= name;
  if (context.origin === undefined) throw noOrigin(`a ${typeName(type)} record`);
  const rdata = parseRdata(type, dataWords(type, words, dataAt), context.origin);
  return { name, type, rdata, ...decideTtl(ttl, type, rdata, context) };
}

function lastOwner(words: readonly FileWord[], { owner }: Context): Name {
  if (owner !== undefined) return owner;
  const first = words[0]?.text ?? '';
  throw badEntry(
    `the line begins with a space, so it has the owner of the record before, and there is none`,
    `begin the line with the owner, ${shown(first)} or @`,
  );
}

function readOwner([word]: readonly FileWord[], { origin }: Context): Name {
  if (word === undefined || word.quoted) throw badEntry(`a quoted string stands where the owner was expected`);
  const { text } = word;
  if (origin !== undefined) return Name.parse(text, origin);
  if (!isAbsolute(text)) throw noOrigin(`the owner ${shown(text)}`);
  return Name.parse(text);
}

/** Ends in a dot that no backslash escapes. */
export function isAbsolute(text: string): boolean {
  return text.endsWith('.') && (/\\*$/.exec(text.slice(0, -1))?.[0].length ?? 0) % 2 === 0;
}

function noOrigin(what: string) {
  return badEntry(
    `${what} is relative to an origin, and none is known`,
    'begin the file with $ORIGIN and the name of the zone, or with its SOA record under its full name',
  );
}

/** Words from `from` to the type. Error: `dns.bad_zone_file`. */
export function readHead(words: readonly FileWord[], from: number, beginsBlank: boolean): Head {
  let ttl: number | undefined;
  let rrClass: number | undefined;
  for (let at = from; at < words.length; at++) {
    const word = words[at];
    if (word === undefined || word.quoted) throw badEntry('a quoted string stands where a type was expected');
    const { text } = word;
    const type = findType(text);
    if (type !== undefined) return { ttl, type: checkedType(type), dataAt: at + 1 };
    if (beginsWithDigit(text) && ttl === undefined) ttl = readTtl(text);
    else if (rrClass === undefined && findClass(text) !== undefined) rrClass = checkedClass(text);
    else throw noType(words, at, from, beginsBlank, ttl !== undefined);
  }
  const last = words.at(-1)?.text ?? '';
  throw badEntry(`the entry ends with ${shown(last)}, where a type was still expected`);
}

const beginsWithDigit = (text: string) => text.charCodeAt(0) >= 0x30 && text.charCodeAt(0) <= 0x39;

/** Seconds. Error: `dns.bad_record`. */
export function readTtl(text: string): number {
  return parsePeriod(text, 'TTL');
}

function checkedType(type: number): number {
  if (type !== 0 && !isMetaType(type)) return type;
  throw badEntry(`${typeName(type)} is a type to ask for: no record has it`);
}

function checkedClass(text: string): number {
  const rrClass = findClass(text);
  if (rrClass === RRClass.IN) return rrClass;
  throw badEntry(`the class is ${className(rrClass ?? 0)}: zones here have class IN alone`);
}

/** What stands where a type should: the nearest type, or the owner of a line that begins blank by mistake. */
function noType(words: readonly FileWord[], at: number, from: number, beginsBlank: boolean, hasTtl: boolean) {
  const { text } = words[at] ?? { text: '' };
  const expected = at > from ? 'a type' : 'a TTL, a class or a type';
  const message = `${shown(text)} stands where ${hasTtl ? 'a class or a type' : expected} was expected`;
  const next = words[at + 1]?.text ?? '';
  const isOwner = beginsBlank && at === 0 && (findType(next) ?? findClass(next)) !== undefined;
  if (isOwner) return badEntry(message, `if ${shown(text)} is the owner, begin the line with it, without a space`);
  try {
    parseType(text);
  } catch (error) {
    if (error instanceof Error && 'hint' in error && typeof error.hint === 'string')
      return badEntry(message, error.hint);
  }
  return badEntry(message);
}

/** Words of SVCB and HTTPS stick together where no space is between them: `alpn="h2,h3"` (RFC 9460, section 2.1). */
function dataWords(type: number, words: readonly FileWord[], from: number): readonly Word[] {
  const rest = words.slice(from);
  if (type !== RRType.SVCB && type !== RRType.HTTPS) return rest;
  const joined: Word[] = [];
  for (const word of rest) {
    const before = joined.at(-1);
    if (!word.glued || before === undefined) joined.push(word);
    else joined[joined.length - 1] = { text: before.text + word.text, quoted: true };
  }
  return joined;
}

/**
 * $TTL's, without it the one stated last (RFC 1035, section 5.1), at the SOA record its minimum, as BIND has it, which then
 * is as if $TTL had said it.
 */
function decideTtl(stated: number | undefined, type: number, rdata: Uint8Array, context: Context) {
  if (stated !== undefined) {
    context.statedTtl = stated;
    return { ttl: stated, ttlSource: 'stated' as const };
  }
  if (context.defaultTtl !== undefined) return { ttl: context.defaultTtl, ttlSource: 'default' as const };
  if (context.statedTtl !== undefined) return { ttl: context.statedTtl, ttlSource: 'last stated' as const };
  if (type !== RRType.SOA) {
    throw badEntry('the record has no TTL, and none was stated before', 'begin the file with $TTL 3600');
  }
  context.defaultTtl = readUint32(rdata, rdata.length - 4);
  return { ttl: context.defaultTtl, ttlSource: 'SOA minimum' as const };
}
