/** Functions of numbers. Those without `f` are of whole numbers, as in sprig: `div 7 2` is 3. */
import { parseBytes, parseDuration } from '../syntax/units.js';
import { TemplateError } from './ast.js';
import type { TemplateFunction } from './function.js';
import { toInteger, toNumber, toText } from './value.js';

type Fold = (left: number, right: number) => number;

function folded(read: (value: never) => number, fold: Fold): TemplateFunction {
  return { least: 1, call: (values) => values.map((value) => read(value as never)).reduce(fold) };
}

function pair(read: typeof toNumber, call: Fold): TemplateFunction {
  return { least: 2, most: 2, call: ([left, right]) => call(read(left), read(right)) };
}

function single(call: (value: number) => number): TemplateFunction {
  return { least: 1, most: 1, call: ([value]) => call(toNumber(value)) };
}

const larger: Fold = (left, right) => Math.max(left, right);
const smaller: Fold = (left, right) => Math.min(left, right);

function divide(left: number, right: number): number {
  if (right === 0) throw new TemplateError('division by zero');
  return Math.trunc(left / right);
}

function remainder(left: number, right: number): number {
  if (right === 0) throw new TemplateError('division by zero');
  return left % right;
}

/** To so many digits; what is left of the next one goes away from zero from `roundOn` on. */
function round(value: number, digits: number, roundOn = 0.5): number {
  const factor = 10 ** Math.min(Math.max(digits, 0), 15);
  const scaled = Math.abs(value) * factor;
  const whole = Math.floor(scaled);
  return (Math.sign(value) * (scaled - whole >= roundOn ? whole + 1 : whole)) / factor;
}

export const MATH_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  int: { least: 1, most: 1, call: ([value]) => toInteger(value) },
  float64: single((value) => value),
  add: folded(toInteger, (left, right) => left + right),
  sub: pair(toInteger, (left, right) => left - right),
  mul: folded(toInteger, (left, right) => left * right),
  div: pair(toInteger, divide),
  mod: pair(toInteger, remainder),
  addf: folded(toNumber, (left, right) => left + right),
  subf: folded(toNumber, (left, right) => left - right),
  mulf: folded(toNumber, (left, right) => left * right),
  divf: folded(toNumber, (left, right) => left / right),
  max: folded(toInteger, larger),
  min: folded(toInteger, smaller),
  maxf: folded(toNumber, larger),
  minf: folded(toNumber, smaller),
  ceil: single(Math.ceil),
  floor: single(Math.floor),
  round: {
    least: 2,
    most: 3,
    call: ([value, digits, on]) =>
      round(toNumber(value), toInteger(digits), on === undefined ? undefined : toNumber(on)),
  },
  bytes: { least: 1, most: 1, call: ([value]) => read(parseBytes(toText(value)), 'size', toText(value)) },
  duration: {
    least: 1,
    most: 1,
    call: ([value]) => read(parseDuration(toText(value)), 'duration', toText(value)) / 1e9,
  },
  duration_seconds: {
    least: 1,
    most: 1,
    call: ([value]) => read(parseDuration(toText(value)), 'duration', toText(value)) / 1e9,
  },
};

function read(value: number | undefined, kind: string, text: string): number {
  if (value === undefined) throw new TemplateError(`not a ${kind}: ${JSON.stringify(text.slice(0, 100))}`);
  return value;
}
