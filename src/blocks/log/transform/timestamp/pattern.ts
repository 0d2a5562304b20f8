/**
 * Timestamps in a format that the user gives, in the words of strptime(3) and of those who extended it. Compiled to a form that reads
 * bytes.
 *
 *     %Y year   %y year of two digits   %m month   %b %B month's name   %d %e day   %a %A day's name
 *     %H hour   %I hour to 12   %p AM or PM   %M minute   %S second   %s seconds since the Unix epoch
 *     %L milliseconds, %f %N a fraction of any length (behind a dot or comma of the format)   %z offset   %Z Z, offset or name of a zone
 *     %F = %Y-%m-%d   %T = %H:%M:%S   %R = %H:%M   %D = %m/%d/%y   %n %t any white space   %% a percent sign
 */
import { logErrors } from '../../errors.js';
import {
  Byte,
  isDigit,
  isLetter,
  isWeekday,
  readFractionDigits,
  readMonth,
  readOffset,
  type TimeFields,
} from './fields.js';
import type { Form } from './forms.js';

const LONGEST = 100;

/** Reads at `into.end` and moves it on; false where something else stands there. */
type Step = (bytes: Uint8Array, end: number, into: TimeFields, scratch: Scratch) => boolean;

/** What is only known at the end. */
interface Scratch {
  afternoon: boolean | undefined;
  value: number;
}

const COMPOUND: Readonly<Record<string, string>> = { F: '%Y-%m-%d', T: '%H:%M:%S', R: '%H:%M', D: '%m/%d/%y' };

/** The form of a format. Error: `log.bad_transform`. */
export function compilePattern(pattern: string): Form {
  if (pattern.length > LONGEST) throw bad(pattern, `it is longer than ${LONGEST} characters`);
  const steps = compile(
    pattern.replace(/%([FTRD])/g, (_, letter: string) => COMPOUND[letter] ?? ''),
    pattern,
  );
  const scratch: Scratch = { afternoon: undefined, value: 0 };
  return {
    name: pattern,
    wordsBefore: Number.POSITIVE_INFINITY,
    read(bytes, at, end, into) {
      into.reset();
      into.month = 1;
      into.day = 1;
      into.hour = 0;
      into.minute = 0;
      into.end = at;
      scratch.afternoon = undefined;
      for (const step of steps) if (!step(bytes, end, into, scratch)) return false;
      if (scratch.afternoon !== undefined) into.hour = (into.hour % 12) + (scratch.afternoon ? 12 : 0);
      return isInRange(into);
    },
  };
}

function isInRange({ month, day, hour, minute, second, year }: TimeFields): boolean {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return false;
  return day <= new Date(Date.UTC(year < 0 ? 2000 : year, month, 0)).getUTCDate();
}

function compile(expanded: string, pattern: string): Step[] {
  const steps: Step[] = [];
  let hasTime = false;
  for (let i = 0; i < expanded.length; i++) {
    const character = expanded.charAt(i);
    if (character !== '%') {
      steps.push(character === ' ' ? spaces(1) : literal(character));
      continue;
    }
    const letter = expanded.charAt(++i);
    const step = DIRECTIVES[letter];
    if (step === undefined) throw bad(pattern, letter === '' ? 'it ends in %' : `%${letter} is not known`);
    if ('HIs'.includes(letter)) hasTime = true;
    steps.push(step);
  }
  if (!hasTime) throw bad(pattern, 'it has no hour');
  return steps;
}

function literal(text: string): Step {
  const wanted = Buffer.from(text);
  return (bytes, end, into) => {
    if (into.end + wanted.length > end) return false;
    for (let i = 0; i < wanted.length; i++) if (bytes[into.end + i] !== wanted[i]) return false;
    into.end += wanted.length;
    return true;
  };
}

function spaces(least: number): Step {
  return (bytes, end, into) => {
    const from = into.end;
    while (into.end < end && (bytes[into.end] === Byte.space || bytes[into.end] === Byte.tab)) into.end++;
    return into.end - from >= least;
  };
}

/** So many digits at most, at least one; they go to the field by `store`. */
function number(digits: number, store: (into: TimeFields, value: number) => void, least = 1): Step {
  return (bytes, end, into) => {
    const from = into.end;
    const limit = Math.min(end, from + digits);
    let value = 0;
    while (into.end < limit && isDigit(bytes[into.end])) value = value * 10 + ((bytes[into.end++] ?? 0) - 0x30);
    if (into.end - from < least) return false;
    store(into, value);
    return true;
  };
}

const day: Step = (bytes, end, into, scratch) => {
  if (into.end < end && bytes[into.end] === Byte.space) into.end++;
  return twoDigitDay(bytes, end, into, scratch);
};
const twoDigitDay = number(2, (into, value) => {
  into.day = value;
});

/** The three letters of a name, and the rest of it. */
function name(read: (bytes: Uint8Array, at: number, into: TimeFields) => boolean): Step {
  return (bytes, end, into) => {
    if (into.end + 3 > end || !read(bytes, into.end, into)) return false;
    into.end += 3;
    while (into.end < end && isLetter(bytes[into.end])) into.end++;
    return true;
  };
}

const monthName = name((bytes, at, into) => {
  into.month = readMonth(bytes, at);
  return into.month > 0;
});
const dayName = name(isWeekday);

const fraction: Step = (bytes, end, into) => {
  const from = into.end;
  readFractionDigits(bytes, from, end, into);
  return into.end > from;
};

const afternoon: Step = (bytes, end, into, scratch) => {
  const letter = (into.end + 2 <= end ? (bytes[into.end] ?? 0) : 0) | 0x20;
  if ((letter !== 0x61 && letter !== 0x70) || ((bytes[into.end + 1] ?? 0) | 0x20) !== 0x6d) return false;
  scratch.afternoon = letter === 0x70;
  into.end += 2;
  return true;
};

const DIRECTIVES: Readonly<Record<string, Step>> = {
  Y: number(
    4,
    (into, value) => {
      into.year = value;
    },
    4,
  ),
  y: number(
    2,
    (into, value) => {
      into.year = value + (value < 69 ? 2000 : 1900);
    },
    2,
  ),
  m: number(2, (into, value) => {
    into.month = value;
  }),
  d: day,
  e: day,
  b: monthName,
  B: monthName,
  h: monthName,
  a: dayName,
  A: dayName,
  H: number(2, (into, value) => {
    into.hour = value;
  }),
  I: number(2, (into, value) => {
    into.hour = value;
  }),
  M: number(2, (into, value) => {
    into.minute = value;
  }),
  S: number(2, (into, value) => {
    into.second = value;
  }),
  s: number(11, (into, value) => {
    into.epoch = value;
  }),
  L: number(
    3,
    (into, value) => {
      into.nanos = value * 1e6;
    },
    3,
  ),
  f: fraction,
  N: fraction,
  p: afternoon,
  z: (bytes, end, into) => readOffset(bytes, into.end, end, into),
  Z: (bytes, end, into) => readOffset(bytes, into.end, end, into),
  n: spaces(0),
  t: spaces(0),
  '%': literal('%'),
};

function bad(pattern: string, reason: string) {
  return logErrors.error('log.bad_transform', `"${pattern}" is no format of timestamps: ${reason}`, {
    hint: "timestamp='%d/%m/%Y %H:%M:%S' (strptime: %Y %m %d %H %M %S %L %f %z …), or timestamp=auto",
    details: { format: pattern },
  });
}
