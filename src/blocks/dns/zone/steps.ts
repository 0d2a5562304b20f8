/** Why an answer is what it is, step by step, in words for people who know the field. */
import type { Name } from '../name.js';
import { typeName } from '../wire/mnemonics.js';

type LookupStepKind =
  | 'zone'
  | 'outside'
  | 'parent-side'
  | 'delegated'
  | 'found'
  | 'any'
  | 'alias'
  | 'dname'
  | 'too-long'
  | 'loop'
  | 'wildcard'
  | 'no-data'
  | 'empty-non-terminal'
  | 'no-name'
  | 'selected';

export interface LookupStep {
  readonly kind: LookupStepKind;
  /** What the step is about. */
  readonly name: Name;
  /** One sentence without a period, names escaped as in master files. */
  readonly text: string;
}

/** The text is made when it is read: answers are given far more often than explained. */
class LazyStep implements LookupStep {
  readonly kind: LookupStepKind;
  readonly name: Name;
  readonly #say: () => string;

  constructor(kind: LookupStepKind, name: Name, say: () => string) {
    this.kind = kind;
    this.name = name;
    this.#say = say;
  }

  get text(): string {
    return this.#say();
  }
}

function step(kind: LookupStepKind, name: Name, say: () => string): LookupStep {
  return new LazyStep(kind, name, say);
}

export const steps = {
  zone: (origin: Name) => step('zone', origin, () => `zone ${origin} is served here`),
  outside: (name: Name) => step('outside', name, () => `${name} is in no zone here`),
  parentSide: (cut: Name) =>
    step('parent-side', cut, () => `DS of ${cut} stands on the parent's side of the cut (RFC 4035, section 3.1.4.1)`),
  delegated: (cut: Name) => step('delegated', cut, () => `delegated at ${cut}`),
  found: (name: Name, type: number, count: number) =>
    step('found', name, () => `${name} has ${count === 1 ? 'a record' : `${count} records`} of type ${typeName(type)}`),
  any: (name: Name, type: number) =>
    step('any', name, () => `ANY gets the smallest RRset of ${name}, ${typeName(type)} (RFC 8482, section 4.1)`),
  alias: (name: Name, target: Name) => step('alias', name, () => `${name} is an alias of ${target}`),
  dname: (owner: Name, name: Name, target: Name) =>
    step('dname', owner, () => `the DNAME at ${owner} makes ${name} an alias of ${target} (RFC 6672)`),
  tooLong: (owner: Name, name: Name) =>
    step(
      'too-long',
      owner,
      () => `the DNAME at ${owner} makes of ${name} more than 255 octets (RFC 6672, section 2.2)`,
    ),
  loop: (name: Name) => step('loop', name, () => `the chain of aliases comes back to ${name}`),
  tooMany: (name: Name, most: number) =>
    step('loop', name, () => `the chain of aliases is given up at ${name}, after ${most}`),
  wildcard: (wildcard: Name, name: Name) =>
    step('wildcard', wildcard, () => `${wildcard} answers, since ${name} does not exist (RFC 4592)`),
  noData: (name: Name, type: number, others: readonly number[]) =>
    step(
      'no-data',
      name,
      () => `${name} has no ${typeName(type)}, but ${[...new Set(others)].map(typeName).join(', ')}`,
    ),
  emptyNonTerminal: (name: Name) =>
    step(
      'empty-non-terminal',
      name,
      () => `${name} exists without records, since there are names below it (RFC 4592, section 2.2.2)`,
    ),
  noName: (name: Name, encloser: Name) =>
    step('no-name', name, () => `${name} does not exist, nor does ${encloser.wildcardChild()}`),
  selected: (name: Name, why: string) => step('selected', name, () => why),
} as const;
