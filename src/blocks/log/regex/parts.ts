/** What patterns are made of, and what is known of a sequence of parts, of alternatives and of repetitions. */

/** A part of a sequence. Of each part it is known which literals it must have matched. */
export type Part =
  /** Matches exactly one of these texts, and nothing else. */
  | { readonly kind: 'literals'; readonly literals: readonly string[] }
  /** `.`; `newlines`: also a line end. */
  | { readonly kind: 'dot'; readonly newlines: boolean }
  /** `.*` (least 0) or `.+` (least 1), greedy or not. */
  | { readonly kind: 'anyText'; readonly newlines: boolean; readonly least: number }
  | { readonly kind: 'boundary' }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  /** Anything; each match of it has `required` in it. */
  | { readonly kind: 'other'; readonly required: string };

export interface Quantifier {
  readonly least: number;
  readonly most: number;
  /** How often RE2 writes the atom out. */
  readonly copies: number;
}

/** Products of alternatives larger than this are not followed. */
const MAX_LITERALS = 16;

/** See {@link onlyLiteral}. */
const UNSEARCHABLE = /[\uFFFD\uD800-\uDFFF]/u;

export const OTHER: Part = { kind: 'other', required: '' };

export function repeatedPart(part: Part, { least, most }: Quantifier): Part {
  if (least === 1 && most === 1) return part;
  if (part.kind === 'dot' && least <= 1 && most === Number.POSITIVE_INFINITY) {
    return { kind: 'anyText', newlines: part.newlines, least };
  }
  return least === 0 ? OTHER : { kind: 'other', required: requiredOf([part]) };
}

/** Adds to a sequence; neighbouring literals become one part. */
export function appendPart(sequence: Part[], part: Part): void {
  const last = sequence[sequence.length - 1];
  if (last?.kind === 'literals' && part.kind === 'literals') {
    const { literals } = part;
    if (last.literals.length * literals.length <= MAX_LITERALS) {
      const joined = last.literals.flatMap((left) => literals.map((right) => left + right));
      sequence[sequence.length - 1] = { kind: 'literals', literals: joined };
      return;
    }
  }
  sequence.push(part);
}

/** Branches as one part of a sequence around them. */
export function partOf(branches: readonly (readonly Part[])[]): Part {
  const [first = []] = branches;
  if (branches.length === 1) {
    if (first.length === 0) return { kind: 'literals', literals: [''] };
    return first.length === 1 && first[0] !== undefined ? first[0] : { kind: 'other', required: requiredOf(first) };
  }
  const literals: string[] = [];
  for (const branch of branches) {
    const [part] = branch;
    if (branch.length > 1 || (part !== undefined && part.kind !== 'literals')) return commonPart(branches);
    literals.push(...(part?.literals ?? ['']));
  }
  return literals.length <= MAX_LITERALS ? { kind: 'literals', literals: [...new Set(literals)] } : OTHER;
}

function commonPart(branches: readonly (readonly Part[])[]): Part {
  const required = new Set(branches.map(requiredOf));
  const [only] = required;
  return required.size === 1 && only !== undefined ? { kind: 'other', required: only } : OTHER;
}

/** The longest text that each match of the sequence has in it. */
export function requiredOf(parts: readonly Part[]): string {
  let longest = '';
  for (const part of parts) {
    const required = part.kind === 'other' ? part.required : part.kind === 'literals' ? onlyLiteral(part.literals) : '';
    if (required.length > longest.length) longest = required;
  }
  return longest;
}

/**
 * U+FFFD is also what bytes that are no UTF-8 are read as, and half a surrogate pair has no bytes at all: such a text cannot be
 * looked for among bytes.
 */
function onlyLiteral(literals: readonly string[]): string {
  const [literal = ''] = literals;
  return literals.length === 1 && !UNSEARCHABLE.test(literal) ? literal : '';
}
