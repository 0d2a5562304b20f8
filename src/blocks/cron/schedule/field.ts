/**
 * Reads one field of a cron expression: a list of items.
 *
 *     *  ?  * /n        every value, every n-th (written without the space)
 *     a  a-b  a-b/n     values, names; a range whose end is before its start wraps around: FRI-MON, 22-2
 *     L  LW  nW         last day, last weekday, weekday next to n: only in day-of-month
 *     d#n  dL           n-th and last weekday d of the month: only in day-of-week
 *     H  H/n  H(a-b)/n  a value, or every n-th from one, that follows from the job's name (Jenkins)
 *     ~  a~b            a value in the range that follows from the job's name (cronie, OpenBSD)
 */
import { closest } from '../../../platform/closest.js';
import { escapeForTerminal } from '../../../platform/terminal-safety.js';
import { cronErrors } from '../errors.js';
import type { FieldRule } from './fields.js';
import { spread } from './spread.js';
import { monthName, weekdayName } from './words.js';

export interface Field {
  readonly rule: FieldRule;
  /** As it was written. */
  readonly text: string;
  /** Begins with `*` or `?`; Debian's cron decides by it, whatever follows. */
  readonly star: boolean;
  /** Ascending; of the weekdays 0 to 6. */
  readonly values: readonly number[];
  /** Every value that there is. */
  readonly all: boolean;
  /** What depends on the month, in croner's words: `L`, `LW`, `15W`, `5#2`, `5L`. */
  readonly specials: readonly string[];
}

/** Where in the expression a field stands: the first is 1. */
export interface Place {
  readonly position: number;
  /** Of the job, for H and ~. */
  readonly seed: string;
}

/** Every `by`-th from `from` to `to`; `to` before `from` wraps around. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly by: number;
}

const LONGEST_SHOWN = 40;

/** Text from outside, short and harmless, for a message. */
export function shown(text: string): string {
  return `"${escapeForTerminal(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text)}"`;
}

/** `MODAY`, `Monday` → `MON`. */
function nearestName({ name, names = [] }: FieldRule, text: string): string | undefined {
  const whole = names.map((_, index) => (name === 'month' ? monthName(index + 1) : weekdayName(index)).toLowerCase());
  return closest(text, whole)?.slice(0, 3).toUpperCase();
}

export function parseField(rule: FieldRule, text: string, place: Place): Field {
  return new FieldReader(rule, text, place).read();
}

class FieldReader {
  readonly #values = new Set<number>();
  readonly #specials = new Set<string>();

  constructor(
    private readonly rule: FieldRule,
    private readonly text: string,
    private readonly place: Place,
  ) {}

  read(): Field {
    const { rule, text } = this;
    const items = text.split(',');
    items.forEach((item, index) => {
      const special = this.#readSpecial(item);
      if (special === undefined) this.#add(this.#readItem(item, index));
      else this.#specials.add(special);
    });
    if (this.#specials.has('LW') && items.length > 1) this.#fail('LW stands alone, without a list');
    const values = [...this.#values].sort((a, b) => a - b);
    const size = rule.name === 'day-of-week' ? 7 : rule.highest - rule.lowest + 1;
    return {
      rule,
      text,
      star: /^[*?]/.test(text),
      values,
      all: values.length === size,
      specials: [...this.#specials],
    };
  }

  #readItem(item: string, index: number): Range {
    if (item === '') this.#fail('a value is missing');
    const [base = '', step, ...more] = item.split('/');
    if (more.length > 0) this.#fail(`${shown(item)} has more than one step`);
    const by = step === undefined ? undefined : this.#step(step);
    if (base === '*' || base === '?') return { from: this.rule.lowest, to: this.#top(), by: by ?? 1 };
    if (/^h/i.test(base)) return this.#readHashed(base, by);
    if (base.includes('~')) return this.#readRandom(base, by, index);
    return this.#readRange(base, by);
  }

  #readRange(base: string, by: number | undefined): Range {
    const [low = '', high, ...more] = base.split('-');
    if (more.length > 0 || low === '' || high === '') this.#fail(`${shown(base)} is not a range`);
    const from = this.#value(low);
    if (high !== undefined) return { from, to: this.#value(high), by: by ?? 1 };
    if (by === undefined) return { from, to: from, by: 1 };
    // Debian's cron drops the step of a single value, Quartz counts on from it.
    this.#fail(`${base}/${by} means different things to different crons`, `${from}-${this.#top()}/${by}`);
  }

  /** Ends before its start: wraps around the highest value. */
  #add({ from, to, by }: Range): void {
    const { name, lowest } = this.rule;
    const size = name === 'day-of-week' ? 7 : this.#top() - lowest + 1;
    if (from > to && name === 'year') this.#fail(`${from}-${to} ends before its start`, `${to}-${from}`);
    const end = to < from ? to + size : to;
    for (let value = from; value <= end; value += by) this.#values.add(((value - lowest) % size) + lowest);
  }

  #readHashed(base: string, by: number | undefined): Range {
    const { name, lowest, spreadTo } = this.rule;
    const range = /^h(?:\((\w+)-(\w+)\))?$/i.exec(base);
    if (range === null) this.#fail(`${shown(base)} cannot be read`, 'H, H/15, H(0-29), H(0-29)/10');
    if (name === 'year') this.#fail('a year cannot be spread by H');
    const from = range[1] === undefined ? lowest : this.#value(range[1]);
    const to = range[2] === undefined ? (spreadTo ?? this.#top()) : this.#value(range[2]);
    if (from > to) this.#fail(`${base} ends before its start`);
    const width = to - from + 1;
    if (by !== undefined && by > width) this.#fail(`a step of ${by} is larger than the range ${from}-${to}`);
    const start = from + this.#spread('H', by ?? width);
    return { from: start, to: by === undefined ? start : to, by: by ?? 1 };
  }

  #readRandom(base: string, by: number | undefined, index: number): Range {
    const { name, lowest, spreadTo } = this.rule;
    const [low = '', high = '', ...more] = base.split('~');
    if (more.length > 0) this.#fail(`${shown(base)} is not a range`);
    if (name === 'year') this.#fail('a year cannot be spread by ~');
    const from = low === '' ? lowest : this.#value(low);
    const to = high === '' ? (spreadTo ?? this.#top()) : this.#value(high);
    if (from > to) this.#fail(`${base} ends before its start`);
    if (by !== undefined) this.#fail('~ takes no step', `H(${from}-${to})/${by}`);
    const value = from + this.#spread(`~${index}`, to - from + 1);
    return { from: value, to: value, by: 1 };
  }

  #readSpecial(item: string): string | undefined {
    const upper = item.toUpperCase();
    if (this.rule.name === 'day-of-month') return this.#readSpecialDay(upper);
    if (this.rule.name === 'day-of-week') return this.#readSpecialWeekday(upper);
    if (/^(?:L|\d*W|LW)$/.test(upper) || upper.includes('#')) {
      this.#fail(`${shown(item)} belongs into day-of-month or day-of-week`);
    }
    return undefined;
  }

  #readSpecialDay(item: string): string | undefined {
    if (item === 'L' || item === 'LW') return item;
    if (/^(?:L-|WL|W)/.test(item)) this.#fail(`${shown(item)} is not supported`, 'L, LW, 15W');
    const near = /^(\d{1,2})W$/.exec(item);
    return near === null ? undefined : `${this.#value(near[1] ?? '')}W`;
  }

  #readSpecialWeekday(item: string): string | undefined {
    if (item === 'L') this.#fail('L needs a weekday here', '5L is the last Friday of the month');
    const last = /^([0-7]|[A-Z]{3})L$/.exec(item);
    if (last !== null) return `${this.#value(last[1] ?? '') % 7}L`;
    const [weekday = '', nth, ...more] = item.split('#');
    if (nth === undefined) return undefined;
    if (more.length > 0 || !/^[1-5]$/.test(nth)) this.#fail(`${shown(item)} must be #1 to #5`, 'FRI#2');
    return `${this.#value(weekday) % 7}#${nth}`;
  }

  #value(text: string): number {
    const { name, lowest, highest, names, firstName = 0 } = this.rule;
    const named = names?.indexOf(text.toLowerCase()) ?? -1;
    if (named >= 0) return named + firstName;
    if (!/^\d{1,6}$/.test(text)) {
      const kinds = names === undefined ? 'a number' : `a number or a name such as ${names[1]?.toUpperCase()}`;
      this.#fail(`${shown(text)} is not ${kinds}`, nearestName(this.rule, text));
    }
    const value = Number(text);
    if (value < lowest || value > highest) this.#fail(`${text} is not within ${lowest} to ${highest} for ${name}`);
    return value;
  }

  #step(text: string): number {
    if (!/^\d{1,6}$/.test(text)) this.#fail(`the step ${shown(text)} is not a whole number`, '*/5');
    const step = Number(text);
    if (step === 0) this.#fail('a step of 0 never gets on', '*/5');
    return step;
  }

  #spread(what: string, size: number): number {
    return spread(`${this.place.seed}\n${this.rule.name}\n${what}`, size);
  }

  /** The highest value without Sunday's second number. */
  #top(): number {
    return this.rule.name === 'day-of-week' ? 6 : this.rule.highest;
  }

  #fail(why: string, hint?: string): never {
    const { position } = this.place;
    const { name } = this.rule;
    throw cronErrors.error('cron.bad_expression', `field ${position} (${name}) is ${shown(this.text)}: ${why}`, {
      ...(hint === undefined ? {} : { hint }),
      details: { field: name, position },
    });
  }
}
