/** `| logfmt`: `key=value key="quoted value" flag`. Broken pairs are stepped over; with --strict they end the line with an error. */
import { LabelNames } from './entry-labels.js';
import type { NeededLabels, StageFunction } from './stage.js';

export interface LogfmtOptions {
  readonly strict: boolean;
  readonly keepEmpty: boolean;
}

const EQUALS = 0x3d;
const QUOTE = 0x22;
const BLANK = 0x20;

export function logfmtStage({ strict, keepEmpty }: LogfmtOptions, needed: NeededLabels): StageFunction {
  const scanner = new LogfmtScanner();
  const names = new LabelNames();
  return ({ line, labels }) => {
    if (needed?.size === 0) return true;
    scanner.begin(line);
    while (scanner.next()) {
      if (scanner.error !== undefined) {
        if (!strict) continue;
        labels.setError('LogfmtParserErr', scanner.error);
        break;
      }
      const name = names.nameOf(scanner.key());
      if (name === '') continue;
      const free = labels.nameFor(name);
      if (needed !== undefined && !needed.has(free)) continue;
      const value = scanner.value();
      if (value !== '' || keepEmpty) labels.setParsed(free, value);
    }
    return true;
  };
}

export interface LogfmtExtraction {
  readonly name: string;
  readonly key: string;
}

/** `| logfmt host, addr="fwd_ip"`: these keys alone, under these names; empty where the line has none. */
export function logfmtExpressionStage(
  extractions: readonly LogfmtExtraction[],
  { strict }: LogfmtOptions,
  needed: NeededLabels,
): StageFunction {
  const scanner = new LogfmtScanner();
  const names = new LabelNames();
  const byKey = new Map<string, string[]>();
  for (const { name, key } of extractions)
    byKey.set(names.nameOf(key), [...(byKey.get(names.nameOf(key)) ?? []), name]);
  return ({ line, labels }) => {
    for (const { name } of extractions) if (labels.get(name) === undefined) labels.set(name, '');
    scanner.begin(line);
    while (scanner.next()) {
      if (scanner.error !== undefined) {
        if (!strict) continue;
        labels.setError('LogfmtParserErr', scanner.error);
        break;
      }
      for (const name of byKey.get(names.nameOf(scanner.key())) ?? []) {
        const free = labels.nameFor(name);
        if (needed === undefined || needed.has(free)) labels.set(free, scanner.value());
      }
    }
    return true;
  };
}

/** Walks over the pairs of a line; key and value are cut out only when they are asked for. */
class LogfmtScanner {
  #line = '';
  #at = 0;
  #keyBegin = 0;
  #keyEnd = 0;
  #valueBegin = 0;
  #valueEnd = 0;
  #escaped = false;
  /** What is wrong with the pair at hand. */
  error: string | undefined;

  begin(line: string): void {
    this.#line = line;
    this.#at = 0;
  }

  key(): string {
    return this.#line.slice(this.#keyBegin, this.#keyEnd);
  }

  value(): string {
    const raw = this.#line.slice(this.#valueBegin, this.#valueEnd);
    const text = this.#escaped ? unescapeQuoted(raw) : raw;
    return text.includes('\uFFFD') ? text.replaceAll('\uFFFD', ' ') : text;
  }

  /** Goes to the next pair, a broken one too; whether there is one. */
  next(): boolean {
    this.error = undefined;
    this.#escaped = false;
    while (this.#code() <= BLANK) this.#at++;
    if (this.#at >= this.#line.length) return false;
    this.#keyBegin = this.#at;
    this.#skipTo(true);
    this.#keyEnd = this.#at;
    this.#valueBegin = this.#at;
    this.#valueEnd = this.#at;
    const code = this.#code();
    if (code === QUOTE || (code === EQUALS && this.#keyEnd === this.#keyBegin))
      this.#broken(`unexpected '${this.#line[this.#at]}'`);
    else if (code === EQUALS) {
      this.#at++;
      this.#value();
    }
    return true;
  }

  #value(): void {
    if (this.#code() === QUOTE) {
      this.#quoted();
      return;
    }
    this.#valueBegin = this.#at;
    this.#skipTo(true);
    this.#valueEnd = this.#at;
    if (this.#code() > BLANK) this.#broken(`unexpected '${this.#line[this.#at]}'`);
  }

  #quoted(): void {
    this.#valueBegin = this.#at + 1;
    let end = this.#valueBegin;
    for (; end < this.#line.length; end++) {
      const code = this.#line.charCodeAt(end);
      if (code === QUOTE) break;
      if (code !== 0x5c) continue;
      this.#escaped = true;
      end++;
    }
    this.#valueEnd = Math.min(end, this.#line.length);
    this.#at = this.#valueEnd + 1;
    if (end >= this.#line.length)
      this.error = `logfmt syntax error at pos ${this.#line.length + 1} : unterminated quoted value`;
  }

  /** To the next blank; `special`: or to a quote or an equals sign. */
  #skipTo(special: boolean): void {
    for (; this.#at < this.#line.length; this.#at++) {
      const code = this.#line.charCodeAt(this.#at);
      if (code <= BLANK || (special && (code === EQUALS || code === QUOTE))) return;
    }
  }

  #broken(what: string): void {
    this.error = `logfmt syntax error at pos ${this.#at + 1} : ${what}`;
    this.#skipTo(false);
  }

  #code(): number {
    return this.#line.charCodeAt(this.#at);
  }
}

function unescapeQuoted(raw: string): string {
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}
