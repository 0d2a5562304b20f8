/** Ranges as commands give them: `(1.5`, `-inf`; `[b`, `(b`, `-`, `+`. */
import type { ByteString } from '../../bytes.js';
import { nextUp, type Place, START } from '../../collections/place.js';
import type { Range, SortedSet } from '../../collections/sorted-set.js';
import { refusal } from '../../errors.js';
import { DECIMAL, parseFloatStrict } from '../numbers.js';

interface ScoreBound {
  readonly score: number;
  readonly included: boolean;
}

/** The range of these scores; undefined: nothing can be in it. Error: `ERR min or max is not a float`. */
export function readScoreRange(min: ByteString, max: ByteString): Range | undefined {
  const [least, most] = [readScoreBound(min), readScoreBound(max)];
  if (least.score > most.score) return undefined;
  if (least.score === most.score && !(least.included && most.included)) return undefined;
  const fromScore = least.included ? least.score : nextUp(least.score);
  const toScore = most.included ? nextUp(most.score) : most.score;
  if (fromScore === undefined) return undefined;
  return {
    from: { score: fromScore, member: '' },
    to: toScore === undefined ? undefined : { score: toScore, member: '' },
  };
}

function readScoreBound(text: ByteString): ScoreBound {
  const included = !text.startsWith('(');
  const score = readAsC(included ? text : text.slice(1));
  if (score === undefined) throw refusal('ERR', 'min or max is not a float');
  return { score, included };
}

/** As C's strtod, which bounds are read with as it stands: nothing is 0, blanks may precede, what no double holds is infinite or 0. */
function readAsC(text: ByteString): number | undefined {
  if (text === '') return 0;
  const number = text.trimStart();
  return parseFloatStrict(number) ?? (DECIMAL.test(number) ? Number(number) : undefined);
}

interface LexBound {
  /** `-` and `+` stand before and behind all members. */
  readonly kind: 'least' | 'greatest' | 'member';
  readonly member: ByteString;
  readonly included: boolean;
}

/**
 * The range of these members in a set whose members all have one score, which is why it needs the set. In others it is found by halving, as
 * if members rose with scores: as unspecified as in Redis, and the same where they do. undefined: nothing can be in it. Error: `ERR min or max not valid string range item`.
 */
export function readLexRange(min: ByteString, max: ByteString): (set: SortedSet) => Range | undefined {
  const [least, most] = [readLexBound(min), readLexBound(max)];
  return (set) => lexRange(set, least, most);
}

function readLexBound(text: ByteString): LexBound {
  if (text === '-') return { kind: 'least', member: '', included: true };
  if (text === '+') return { kind: 'greatest', member: '', included: true };
  if (!/^[[(]/.test(text)) throw refusal('ERR', 'min or max not valid string range item');
  return { kind: 'member', member: text.slice(1), included: text.startsWith('[') };
}

function lexRange(set: SortedSet, least: LexBound, most: LexBound): Range | undefined {
  const [first, last] = [set.at(0), set.at(set.count - 1)];
  if (first === undefined || last === undefined || least.kind === 'greatest' || most.kind === 'least') return undefined;
  const edge = first.score === last.score ? uniformEdge(first.score) : halvedEdge(set);
  const from = least.kind === 'least' ? START : edge(least.member, !least.included);
  const to = most.kind === 'greatest' ? undefined : edge(most.member, most.included);
  return from && { from, to };
}

/** The place before a member, or behind it; undefined: behind all. */
type Edge = (member: ByteString, after: boolean) => Place | undefined;

const uniformEdge =
  (score: number): Edge =>
  (member, after) => ({ score, member: after ? `${member}\0` : member });

const halvedEdge =
  (set: SortedSet): Edge =>
  (member, after) => {
    let [low, high] = [0, set.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = set.at(middle)?.member ?? '';
      if (found < member || (after && found === member)) low = middle + 1;
      else high = middle;
    }
    return set.at(low);
  };
