/**
 * Master files → records, one after another: no more than an entry is in memory.
 *
 *     chunks ──lines.ts──▶ lines ──lexer.ts──▶ entries ──▶ $ORIGIN $TTL          change the context
 *                                                          $INCLUDE              another file, the context's names restored
 *                                                          $GENERATE             many records (generate.ts)
 *                                                          anything else         a record (record-entry.ts)
 *
 * A million records (A, AAAA, CNAME, MX, TXT; 37 MB) take 2.1 s of one core and 90 MB (Node 20, AMD EPYC). Characters are
 * looked at once, by charCodeAt, and words are slices of their line; making names without a buffer for each was half of it.
 */
import { closest } from '../../../../platform/closest.js';
import { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';
import { RRClass, RRType, typeName } from '../../wire.js';
import type { ZoneProblem } from '../problem.js';
import type { Context } from './context.js';
import { generateRecords } from './generate.js';
import { type Entry, Lexer } from './lexer.js';
import { badEntry, placed, shown } from './problems.js';
import { isAbsolute, type RecordEntry, readRecord, readTtl, type TtlSource } from './record-entry.js';

/** Files within files. Bounds $INCLUDE loops. */
const DEEPEST_INCLUDE = 16;
/** Files that one master file may name in all. */
const MOST_INCLUDES = 10_000;
/** Records that all $GENERATE of a master file may make together: enough for sixteen networks of 65,536 addresses. */
const MOST_GENERATED = 2 ** 20;

export interface MasterFileOptions {
  /** The origin until $ORIGIN. Without it the owner of the SOA record, written as a full name, is the origin. */
  readonly origin?: Name;
  /** Seconds; as if the file began with $TTL. */
  readonly defaultTtl?: number;
  /** The name of the file, for errors and as what included files are relative to. */
  readonly file: string;
  /** Opens the file that $INCLUDE names in `fromFile`. Chunks of binary text. Without it $INCLUDE is an error. */
  include?(path: string, fromFile: string): Iterable<string>;
  /** The zone, when records outside of it are to be told from others. Without it the owner of the first SOA record. */
  readonly zone?: Name;
  /** What becomes of a record outside of the zone: an error, unless `skip`, which leaves it out with a warning. */
  readonly outside?: 'refuse' | 'skip';
  /** Is told what is odd. */
  warn?(problem: ZoneProblem): void;
}

export interface ZoneFileRecord extends ResourceRecord {
  /** Where its entry begins, from 1. */
  readonly line: number;
  readonly file: string;
}

/** A file that is being read. */
interface Source {
  readonly file: string;
  readonly lexer: Lexer;
  /** What the including file goes on with (RFC 1035, section 5.1). */
  readonly restore: Pick<Context, 'origin' | 'owner'> | undefined;
}

/** A $GENERATE that is not done. */
interface Generating {
  readonly records: Iterator<RecordEntry>;
  /** Of the directive. */
  readonly line: number;
}

/**
 * `chunks` are binary text (see name.ts), cut anywhere. Error: `dns.bad_zone_file` with `file` and `line` in its details, and
 * whatever `include` throws.
 */
export function* parseMasterFile(
  chunks: Iterable<string>,
  options: MasterFileOptions,
): Generator<ZoneFileRecord, void, undefined> {
  const parser = new Parser(chunks, options);
  try {
    for (let record = parser.next(); record !== undefined; record = parser.next()) yield record;
  } finally {
    parser.close();
  }
}

class Parser {
  readonly #options: MasterFileOptions;
  readonly #sources: Source[];
  readonly #context: Context;
  /** What $GENERATE still makes. */
  #generating: Generating | undefined;
  #includes = 0;
  #generated = 0;
  /** Ways in which records got a TTL that were told. */
  readonly #told = new Set<TtlSource>();
  #zone: Name | undefined;
  #soa: Uint8Array | undefined;

  constructor(chunks: Iterable<string>, options: MasterFileOptions) {
    this.#options = options;
    this.#sources = [{ file: options.file, lexer: new Lexer(chunks), restore: undefined }];
    this.#context = {
      origin: options.origin ?? options.zone,
      owner: undefined,
      defaultTtl: options.defaultTtl,
      statedTtl: undefined,
    };
    this.#zone = options.zone;
  }

  next(): ZoneFileRecord | undefined {
    for (let source = this.#sources.at(-1); source !== undefined; source = this.#sources.at(-1)) {
      let line = this.#generating?.line;
      try {
        const entry = line === undefined ? source.lexer.next() : undefined;
        line ??= entry?.line;
        const record = this.#step(entry, source);
        if (record !== undefined) return record;
      } catch (error) {
        throw placed(error, source.file, line ?? source.lexer.line);
      }
    }
    return undefined;
  }

  close(): void {
    for (const { lexer } of this.#sources) lexer.close();
  }

  /** One record, or none yet. Without an entry the file has ended, or $GENERATE goes on. */
  #step(entry: Entry | undefined, source: Source): ZoneFileRecord | undefined {
    if (this.#generating !== undefined) return this.#generate(this.#generating, source.file);
    return entry === undefined ? this.#leave() : this.#read(entry, source);
  }

  #generate({ records, line }: Generating, file: string): ZoneFileRecord | undefined {
    const next = records.next();
    if (next.done === true) {
      this.#generating = undefined;
      return undefined;
    }
    if (++this.#generated > MOST_GENERATED) throw badEntry(`$GENERATE makes more than ${MOST_GENERATED} records`);
    return this.#accept(next.value, file, line);
  }

  /** The end of a file. */
  #leave(): undefined {
    const { restore } = this.#sources.pop() ?? {};
    if (restore === undefined) return;
    this.#context.owner = restore.owner;
    this.#context.origin = restore.origin ?? this.#zone;
  }

  #read(entry: Entry, { file }: Source): ZoneFileRecord | undefined {
    const [first] = entry.words;
    if (!entry.beginsBlank && first?.text.startsWith('$') === true && !first.quoted) {
      this.#directive(entry, file);
      return undefined;
    }
    const read = readRecord(entry.words, entry.beginsBlank, this.#context);
    return this.#accept(read, file, entry.line);
  }

  /** The record with its place, unless it is outside of the zone and to be left out. */
  #accept(read: RecordEntry, file: string, line: number): ZoneFileRecord | undefined {
    const { name, type, ttl, rdata } = read;
    if (type === RRType.SOA) this.#noteSoa(read, file, line);
    if (read.ttlSource !== 'stated' && read.ttlSource !== 'default') this.#tellTtl(read, file, line);
    if (this.#zone !== undefined && !name.isWithin(this.#zone)) return this.#outside(read, this.#zone, file, line);
    return { name, type, class: RRClass.IN, ttl, rdata, line, file };
  }

  #noteSoa({ name, rdata }: RecordEntry, file: string, line: number): void {
    this.#zone ??= name;
    if (this.#soa !== undefined && Buffer.compare(this.#soa, rdata) === 0 && name.equals(this.#zone)) {
      const message = `the SOA record of ${name} stands twice`;
      this.#options.warn?.({ severity: 'warning', code: 'duplicate_records', name, message, file, line });
    }
    this.#soa ??= rdata;
  }

  /** Once for each way. */
  #tellTtl({ name, ttl, ttlSource }: RecordEntry, file: string, line: number): void {
    if (this.#told.has(ttlSource)) return;
    this.#told.add(ttlSource);
    const code = ttlSource === 'SOA minimum' ? 'ttl_of_soa_minimum' : 'ttl_of_record_before';
    const whose = ttlSource === 'SOA minimum' ? 'the minimum of the SOA record' : 'that of a record before';
    const message = `there is no $TTL: records without a TTL get ${ttl}, ${whose}`;
    this.#options.warn?.({ severity: 'warning', code, name, message, file, line });
  }

  #outside({ name, type }: RecordEntry, zone: Name, file: string, line: number): undefined {
    const what = `the ${typeName(type)} record of ${name} is outside of the zone ${zone}`;
    if (this.#options.outside !== 'skip') throw badEntry(what);
    const message = `${what} and left out`;
    this.#options.warn?.({ severity: 'warning', code: 'out_of_zone', name, message, file, line });
  }

  #directive({ words, line }: Entry, file: string): void {
    const [directive, ...rest] = words.map(({ text }) => text);
    switch (directive?.toUpperCase()) {
      case '$ORIGIN':
        this.#context.origin = this.#name(only(rest, '$ORIGIN', 'a name'));
        return;
      case '$TTL':
        this.#context.defaultTtl = readTtl(only(rest, '$TTL', 'seconds'));
        return;
      case '$INCLUDE':
        this.#include(rest, file);
        return;
      case '$GENERATE':
        this.#generating = { records: generateRecords(words.slice(1), this.#context), line };
        return;
      default:
        throw unknownDirective(directive ?? '');
    }
  }

  #name(text: string): Name {
    const { origin } = this.#context;
    if (origin === undefined && !isAbsolute(text)) {
      throw badEntry(`${shown(text)} is relative to an origin, and none is known`, `end it with a dot: ${text}.`);
    }
    return Name.parse(text, origin);
  }

  #include(rest: readonly string[], file: string): void {
    const [path = '', origin] = rest;
    if (path === '' || rest.length > 2) throw badEntry('$INCLUDE takes a file and perhaps an origin');
    if (this.#options.include === undefined) throw badEntry(`$INCLUDE ${shown(path)}: files are not included here`);
    if (this.#sources.length > DEEPEST_INCLUDE) {
      throw badEntry(`$INCLUDE ${shown(path)}: files are included ${DEEPEST_INCLUDE} deep already`);
    }
    if (++this.#includes > MOST_INCLUDES) throw badEntry(`more than ${MOST_INCLUDES} files are included`);
    const restore = { origin: this.#context.origin, owner: this.#context.owner };
    const lexer = new Lexer(this.#options.include(path, file));
    // While it is this file that errors are told of.
    lexer.open();
    this.#sources.push({ file: beside(file, path), lexer, restore });
    if (origin !== undefined) this.#context.origin = this.#name(origin);
  }
}

/** The one word behind a directive. */
function only(rest: readonly string[], directive: string, what: string): string {
  const [word] = rest;
  if (word === undefined || rest.length > 1) throw badEntry(`${directive} takes ${what}, and nothing else`);
  return word;
}

function unknownDirective(directive: string) {
  const known = ['$ORIGIN', '$TTL', '$INCLUDE', '$GENERATE'];
  const nearest = closest(directive.toUpperCase(), known);
  const hint = nearest === undefined ? `known are ${known.join(' ')}` : `did you mean ${nearest}?`;
  return badEntry(`${shown(directive)} is no directive of zone files`, hint);
}

/** The included file by a path like that of the file that includes it. */
function beside(file: string, path: string): string {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return path.startsWith('/') ? path : folder + path;
}
