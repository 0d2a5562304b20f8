/**
 * Master files → records, one after another: no more than an entry is in memory.
 *
 *     chunks ──lines.ts──▶ lines ──lexer.ts──▶ entries ──▶ $ORIGIN $TTL          change the context
 *                                                          $INCLUDE              another file, the context's names restored
 *                                                          $GENERATE             many records (generate.ts)
 *                                                          anything else         a record (record-entry.ts)
 */
import { closest } from '../../../../platform/closest.js';
import { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';
import { RRClass, RRType, typeName } from '../../wire.js';
import type { ZoneProblem } from '../problem.js';
import type { Context } from './context.js';
import { type Entry, Lexer } from './lexer.js';
import { badEntry, placed, shown } from './problems.js';
import { isAbsolute, type RecordEntry, readRecord, readTtl } from './record-entry.js';

/** Files within files. Bounds $INCLUDE loops. */
const DEEPEST_INCLUDE = 16;
/** Files that one master file may name in all. */
const MOST_INCLUDES = 10_000;

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
  #includes = 0;
  #zone: Name | undefined;

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
      let line: number | undefined;
      try {
        const entry = source.lexer.next();
        line = entry?.line;
        const record = entry === undefined ? this.#leave() : this.#read(entry, source);
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

  /** The end of a file. */
  #leave(): undefined {
    const source = this.#sources.pop();
    if (source?.restore !== undefined) Object.assign(this.#context, source.restore);
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
    if (type === RRType.SOA) this.#zone ??= name;
    if (this.#zone !== undefined && !name.isWithin(this.#zone)) return this.#outside(read, this.#zone, file, line);
    return { name, type, class: RRClass.IN, ttl, rdata, line, file };
  }

  #outside({ name, type }: RecordEntry, zone: Name, file: string, line: number): undefined {
    const what = `the ${typeName(type)} record of ${name} is outside of the zone ${zone}`;
    if (this.#options.outside !== 'skip') throw badEntry(what);
    const message = `${what} and left out`;
    this.#options.warn?.({ severity: 'warning', code: 'out_of_zone', name, message, file, line });
  }

  #directive({ words }: Entry, file: string): void {
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
    const chunks = this.#options.include(path, file);
    this.#sources.push({ file: beside(file, path), lexer: new Lexer(chunks), restore });
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
