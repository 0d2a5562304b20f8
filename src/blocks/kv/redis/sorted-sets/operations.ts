/** Several sorted sets, or sets, whose members count as 1: ZUNION ZINTER ZDIFF ZINTERCARD and those that store what they find. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { allFields, hasMember } from '../../collections/members.js';
import type { Place } from '../../collections/place.js';
import { precedes, SortedSet } from '../../collections/sorted-set.js';
import { refusal, syntaxError, wrongType } from '../../errors.js';
import { arg, type Call, type KvCommand, keysByNumber } from '../command.js';
import { parseFloatStrict, readCount, readCountOr } from '../numbers.js';
import { replaceSortedSet } from './replace.js';
import { elementsReply } from './zset-at.js';

/** What a key gives to an operation. */
interface Input {
  readonly count: number;
  elements(): Iterable<Place>;
  score(member: ByteString): number | undefined;
}

const NONE: Input = { count: 0, elements: () => [], score: () => undefined };

function inputAt({ keyspace, database }: Call, key: ByteString): Input {
  const entry = database.find(key);
  if (entry === undefined) return NONE;
  const { store } = keyspace;
  if (entry.type === 'zset') {
    const set = new SortedSet(store, entry);
    return { count: entry.count, elements: () => set.all(), score: (member) => set.score(member) };
  }
  if (entry.type !== 'set') throw wrongType();
  const { owner, count } = entry;
  return {
    count,
    *elements() {
      for (const { member } of allFields(store, owner)) yield { member, score: 1 };
    },
    score: (member) => (hasMember(store, owner, member) ? 1 : undefined),
  };
}

type Aggregate = 'sum' | 'min' | 'max';

interface Inputs {
  readonly inputs: readonly Input[];
  readonly weights: readonly number[];
  readonly aggregate: Aggregate;
  readonly withScores: boolean;
}

interface Allowed {
  readonly name: string;
  readonly weights: boolean;
  readonly withScores: boolean;
}

/** numkeys key … [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX] [WITHSCORES] */
function readInputs(call: Call, args: readonly ByteString[], allowed: Allowed): Inputs {
  const number = readCount(arg(args, 0));
  if (number < 1) throw refusal('ERR', `at least 1 input key is needed for '${allowed.name}' command`);
  if (number > args.length - 1) throw syntaxError();
  const inputs = args.slice(1, 1 + number).map((key) => inputAt(call, key));
  return { inputs, ...readOptions(args.slice(1 + number), number, allowed) };
}

function readOptions(args: readonly ByteString[], number: number, allowed: Allowed): Omit<Inputs, 'inputs'> {
  let weights: readonly number[] = Array.from({ length: number }, () => 1);
  let aggregate: Aggregate = 'sum';
  let withScores = false;
  for (let i = 0; i < args.length; i++) {
    const option = args[i]?.toLowerCase();
    if (option === 'weights' && allowed.weights && args.length - i > number) {
      weights = args.slice(i + 1, i + 1 + number).map(readWeight);
      i += number;
    } else if (option === 'aggregate' && allowed.weights && i + 1 < args.length) {
      aggregate = readAggregate(arg(args, ++i));
    } else if (option === 'withscores' && allowed.withScores) withScores = true;
    else throw syntaxError();
  }
  return { weights, aggregate, withScores };
}

function readWeight(text: ByteString): number {
  const weight = parseFloatStrict(text);
  if (weight === undefined) throw refusal('ERR', 'weight value is not a float');
  return weight;
}

function readAggregate(text: ByteString): Aggregate {
  const name = text.toLowerCase();
  if (name === 'sum' || name === 'min' || name === 'max') return name;
  throw syntaxError();
}

/** Infinities that cancel each other, and 0 times infinity, count as 0. */
const numberOr0 = (value: number): number => (Number.isNaN(value) ? 0 : value);

function combined(aggregate: Aggregate, a: number, b: number): number {
  if (aggregate === 'sum') return numberOr0(a + b);
  return aggregate === 'min' ? Math.min(a, b) : Math.max(a, b);
}

type Operation = (inputs: Inputs) => Map<ByteString, number>;

const union: Operation = ({ inputs, weights, aggregate }) => {
  const found = new Map<ByteString, number>();
  for (const [i, input] of inputs.entries()) {
    const weight = weights[i] ?? 1;
    for (const { member, score } of input.elements()) {
      const weighted = numberOr0(weight * score);
      const before = found.get(member);
      found.set(member, before === undefined ? weighted : combined(aggregate, before, weighted));
    }
  }
  return found;
};

/** Goes through the smallest of them. */
const intersection = (
  { inputs, weights, aggregate }: Inputs,
  limit = Number.POSITIVE_INFINITY,
): Map<ByteString, number> => {
  const found = new Map<ByteString, number>();
  const smallest = inputs.reduce((least, input) => (input.count < least.count ? input : least), inputs[0] ?? NONE);
  for (const { member } of smallest.elements()) {
    if (found.size >= limit) break;
    let sum: number | undefined;
    for (const [i, input] of inputs.entries()) {
      const score = input.score(member);
      if (score === undefined) {
        sum = undefined;
        break;
      }
      const weighted = numberOr0((weights[i] ?? 1) * score);
      sum = sum === undefined ? weighted : combined(aggregate, sum, weighted);
    }
    if (sum !== undefined) found.set(member, sum);
  }
  return found;
};

const difference: Operation = ({ inputs }) => {
  const [first = NONE, ...others] = inputs;
  const found = new Map<ByteString, number>();
  for (const { member, score } of first.elements()) {
    if (others.every((input) => input.score(member) === undefined)) found.set(member, score);
  }
  return found;
};

const elementsOf = (scores: ReadonlyMap<ByteString, number>): Place[] =>
  [...scores].map(([member, score]) => ({ member, score })).sort((a, b) => (precedes(a, b) ? -1 : 1));

/** ZINTERCARD numkeys key … [LIMIT limit] */
function intersectionCount(call: Call, args: readonly ByteString[]): Reply {
  const number = Math.max(0, readCount(arg(args, 0)));
  const inputs = readInputs(call, args.slice(0, 1 + number), { name: 'zintercard', weights: false, withScores: false });
  let limit = 0;
  for (let i = 1 + number; i < args.length; i += 2) {
    const value = args[i + 1];
    if (args[i]?.toLowerCase() !== 'limit' || value === undefined) throw syntaxError();
    limit = readCountOr(value, 0, "LIMIT can't be negative");
  }
  return intersection(inputs, limit === 0 ? Number.POSITIVE_INFINITY : limit).size;
}

const answering = (name: string, operation: Operation, weights: boolean, summary: string): KvCommand => ({
  name,
  arity: -3,
  flags: ['readonly', 'movablekeys'],
  moreKeys: keysByNumber(0),
  summary,
  run(call, args) {
    const inputs = readInputs(call, args, { name, weights, withScores: true });
    return elementsReply(call, elementsOf(operation(inputs)), inputs.withScores);
  },
});

const storing = (name: string, operation: Operation, weights: boolean, summary: string): KvCommand => ({
  name,
  arity: -4,
  flags: ['write', 'denyoom', 'movablekeys'],
  firstKey: 1,
  lastKey: 1,
  step: 1,
  moreKeys: keysByNumber(1),
  summary,
  run(call, args) {
    const inputs = readInputs(call, args.slice(1), { name, weights, withScores: false });
    return replaceSortedSet(call, arg(args, 0), elementsOf(operation(inputs)));
  },
});

export const operationCommands: readonly KvCommand[] = [
  answering('zunion', union, true, 'Answers the members that any sorted set has.'),
  answering('zinter', intersection, true, 'Answers the members that all sorted sets have.'),
  answering('zdiff', difference, false, 'Answers the members of the first sorted set that no other has.'),
  storing('zunionstore', union, true, 'Stores the members that any sorted set has.'),
  storing('zinterstore', intersection, true, 'Stores the members that all sorted sets have.'),
  storing('zdiffstore', difference, false, 'Stores the members of the first sorted set that no other has.'),
  {
    name: 'zintercard',
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    moreKeys: keysByNumber(0),
    summary: 'Answers how many members all sorted sets have.',
    run: intersectionCount,
  },
];
