/**
 * dig's command line: what is asked, of whom, and how it is shown.
 *
 *     [@server] [+option…] [-option value…] [type] [class]  name [type] [class] [@server] [+option…]  name …
 *     └─ holds for every name ─────────────────────────────┘  └─ holds for that name ──────────────┘
 *
 * Words are taken in any order: one that is a type or a class is that, any other one is a name. No name asks for the root.
 */
import { dnsErrors } from './errors.js';
import { badWord, readKeyword } from './query-words/keywords.js';
import { reverseName } from './query-words/reverse.js';
import { DEFAULT_LINE, DEFAULT_SETTINGS, type LineSettings, type QuerySettings } from './query-words/settings.js';
import { findClass, findType, RRClass, RRType } from './wire.js';

export type { LineSettings, QuerySettings } from './query-words/settings.js';

/** One name to be looked up. */
export interface Lookup {
  /** As typed. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly settings: QuerySettings;
}

export interface QueryLine {
  readonly lookups: readonly Lookup[];
  /** Files with a query on each line; `-` is stdin. */
  readonly files: readonly string[];
  /** What stands before the first name: holds for the lines of files, too. */
  readonly settings: QuerySettings;
  readonly line: LineSettings;
  /** Something of dig's own stood there: `@`, `+` or one of its options. */
  readonly isDig: boolean;
  /** A word is about what dig's text shows. */
  readonly wantsDig: boolean;
  /** What is odd, for stderr. */
  readonly warnings: readonly string[];
}

/** What long flags have set already. */
export interface QueryDefaults {
  readonly settings?: QuerySettings;
  readonly line?: LineSettings;
  /** Addresses to be looked up, as by -x. */
  readonly reverse?: readonly string[];
  /** Files of queries, as by -f. */
  readonly files?: readonly string[];
}

/** A whole command line. Errors: `dns.unknown_word`, `dns.bad_word`. */
export function readQueryWords(words: readonly string[], defaults: QueryDefaults = {}): QueryLine {
  const reader = new WordReader(defaults);
  reader.take(words);
  return reader.end(defaults);
}

/**
 * A line of a file. Nothing for an empty one and for a comment, which begins with `#` or `;`. Errors: as above, and
 * `dns.bad_word` for a line that names no name or another file.
 */
export function readBatchLine(text: string, { settings, line }: QueryLine): QueryLine | undefined {
  const words = text.trim().split(/\s+/);
  if (words[0] === '' || /^[#;]/.test(words[0] ?? '')) return undefined;
  const read = readQueryWords(words, { settings, line });
  if (read.files.length > 0) throw badWord('a file of queries names another one');
  return read;
}

/**
 * Parts the long flags from dig's words. `known` are oclif's, of which some take a value. `-v` is a flag, too.
 *
 *     ['@::1', '--timeout', '2s', 'a.test', 'MX']  ──▶  flags ['--timeout', '2s'], words ['@::1', 'a.test', 'MX']
 */
export function splitArguments(
  argv: readonly string[],
  known: Readonly<Record<string, { readonly type: string }>>,
): { readonly flags: string[]; readonly words: string[] } {
  const flags: string[] = [];
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (argument === '--') return { flags, words: [...words, ...argv.slice(i + 1)] };
    if (argument === '-v') flags.push(argument);
    else if (!argument.startsWith('--')) {
      words.push(argument);
      // The value of an option of dig's may look like a flag.
      if (isOptionWithValue(argument) && i + 1 < argv.length) words.push(argv[++i] ?? '');
    } else {
      flags.push(argument);
      if (known[argument.slice(2)]?.type === 'option' && i + 1 < argv.length) flags.push(argv[++i] ?? '');
    }
  }
  return { flags, words };
}

/** dig's options that take a value, as the next word unless it is joined. */
const VALUE_OPTIONS = 'bcfkpqtxy';

function isOptionWithValue(word: string): boolean {
  return word.length === 2 && word.startsWith('-') && VALUE_OPTIONS.includes(word.charAt(1));
}

const LONGEST_LINE = 1_000;

class WordReader {
  readonly #files: string[] = [];
  readonly #warnings: string[] = [];
  readonly #lookups: { readonly name: string; settings: QuerySettings }[] = [];
  #global: QuerySettings;
  #line: LineSettings;
  #isDig = false;
  #wantsDig = false;
  /** After -t or -c words are names, whatever they look like. */
  #namesOnly = false;

  constructor({ settings = DEFAULT_SETTINGS, line = DEFAULT_LINE }: QueryDefaults) {
    this.#global = settings;
    this.#line = line;
  }

  take(words: readonly string[]): void {
    if (words.length > LONGEST_LINE)
      throw badWord(`more than ${LONGEST_LINE} words: put queries into a file`, '-f FILE');
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? '';
      if (isOptionWithValue(word)) {
        const value = words[++i];
        if (value === undefined) throw badWord(`${word} needs a value`);
        this.#option(word.charAt(1), value);
      } else this.#word(word);
    }
  }

  end({ reverse = [], files = [] }: QueryDefaults): QueryLine {
    for (const address of reverse) this.#reverse(address);
    this.#files.push(...files);
    if (this.#lookups.length === 0 && this.#files.length === 0) {
      this.#lookups.push({ name: '.', settings: { ...this.#global, type: this.#global.type ?? RRType.NS } });
    }
    return {
      lookups: this.#lookups.map(toLookup),
      files: this.#files,
      settings: this.#global,
      line: this.#line,
      isDig: this.#isDig,
      wantsDig: this.#wantsDig,
      warnings: this.#warnings,
    };
  }

  /** Of the last name, or of all while there is none. */
  get #settings(): QuerySettings {
    return this.#lookups.at(-1)?.settings ?? this.#global;
  }

  #change(changes: Partial<QuerySettings>): void {
    const last = this.#lookups.at(-1);
    if (last === undefined) this.#global = { ...this.#global, ...changes };
    else last.settings = { ...last.settings, ...changes };
  }

  #word(word: string): void {
    if (word === '-') this.#files.push(word);
    else if (word.startsWith('@')) this.#server(word.slice(1));
    else if (word.startsWith('+')) this.#keyword(word.slice(1));
    else if (/^-.+/.test(word)) this.#option(word.charAt(1), word.slice(2));
    else if (word === '') throw badWord('a name is empty');
    else if (this.#namesOnly || !this.#typeOrClass(word)) this.#name(word);
  }

  #server(text: string): void {
    if (text === '') throw badWord('behind @ stands no name server', 'write @192.0.2.1');
    this.#isDig = true;
    this.#change({ servers: [text] });
  }

  #keyword(text: string): void {
    const { settings, line, shows } = readKeyword(text, this.#settings);
    this.#isDig = true;
    if (shows) this.#wantsDig = true;
    if (settings !== undefined) this.#change(settings);
    if (line !== undefined) this.#line = { ...this.#line, ...line };
  }

  #name(name: string): void {
    this.#lookups.push({ name, settings: this.#global });
  }

  #typeOrClass(word: string): boolean {
    if (/^ixfr=/i.test(word)) {
      this.#type(word);
      return true;
    }
    const type = findType(word);
    // OPT stands in no zone, and any number of names begin with it; dig asks for it by number only.
    if (type !== undefined && type !== RRType.OPT && type !== 0) {
      if (this.#settings.type !== undefined && this.#lookups.length > 0)
        this.#warnings.push(`${word} is a second type`);
      this.#type(word);
      return true;
    }
    const rrClass = findClass(word);
    if (rrClass !== undefined) this.#change({ class: rrClass });
    return rrClass !== undefined;
  }

  #type(text: string): void {
    const serial = /^ixfr=(\d{1,10})$/i.exec(text)?.[1];
    if (serial !== undefined && Number(serial) <= 0xffff_ffff) {
      this.#change({ type: RRType.IXFR, serial: Number(serial) });
      return;
    }
    const type = findType(text);
    if (type === undefined) throw dnsErrors.error('dns.unknown_type', `"${text.slice(0, 40)}" is no record type`);
    if (type === RRType.IXFR) throw badWord('IXFR needs the serial that you have', 'write IXFR=2026010101');
    this.#change({ type });
  }

  #option(letter: string, value: string): void {
    this.#isDig = true;
    switch (letter) {
      case '4':
      case '6':
        this.#change({ family: letter === '4' ? 4 : 6 });
        break;
      case 'c':
        this.#namesOnly = true;
        this.#change({ class: this.#classOf(value) });
        break;
      case 'f':
        this.#files.push(value);
        break;
      case 'p':
        this.#change({ port: portOf(value) });
        break;
      case 'q':
        this.#name(value);
        break;
      case 'r':
        // There is no ~/.digrc that would be read.
        break;
      case 't':
        this.#namesOnly = true;
        this.#type(value);
        break;
      case 'u':
        this.#line = { ...this.#line, micros: true };
        break;
      case 'x':
        this.#reverse(value);
        break;
      default:
        throw badWord(`-${letter} is not supported: ${REFUSED[letter] ?? 'dig knows no such option'}`, HELP);
    }
  }

  #reverse(address: string): void {
    this.#name(reverseName(address));
    this.#change({ type: RRType.PTR, class: RRClass.IN });
  }

  #classOf(text: string): number {
    const rrClass = findClass(text);
    if (rrClass === undefined) throw badWord(`-c ${text.slice(0, 40)} is no class`, 'write IN, CH or HS');
    return rrClass;
  }
}

const HELP = 'ds dns query --help';

const REFUSED: Readonly<Record<string, string>> = {
  b: 'the system chooses the address and the port to ask from',
  k: 'queries are not signed (TSIG)',
  m: 'it is for debugging dig',
  y: 'queries are not signed (TSIG)',
};

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 0xffff) throw badWord(`-p ${text.slice(0, 40)} is not a port from 1 to 65535`);
  return port;
}

function toLookup({ name, settings }: { readonly name: string; readonly settings: QuerySettings }): Lookup {
  return { name, type: settings.type ?? RRType.A, class: settings.class ?? RRClass.IN, settings };
}
