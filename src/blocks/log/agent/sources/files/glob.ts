/**
 * Patterns of paths: `*` and `?` within a name, `[a-z]` and `[!a-z]`, `{a,b}`, and `**` for any folders. A name that begins with a dot is only
 * matched by a pattern that does. Matched without a regular expression, in time that does not explode.
 */
import { logErrors } from '../../../errors.js';

/** `{a,b}{c,d}…` would multiply. */
const MOST_ALTERNATIVES = 256;

export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** Patterns without braces that together match what this one does. Throws `log.bad_glob`. */
export function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const from = next.indexOf('{');
    const to = from === -1 ? -1 : next.indexOf('}', from);
    if (to === -1) {
      done.push(next);
      continue;
    }
    const inner = next.slice(from + 1, to).split(',');
    if (done.length + open.length + inner.length > MOST_ALTERNATIVES) {
      throw logErrors.error(
        'log.bad_glob',
        `${JSON.stringify(pattern)} stands for more than ${MOST_ALTERNATIVES} patterns`,
      );
    }
    for (const text of inner.reverse()) open.push(next.slice(0, from) + text + next.slice(to + 1));
  }
  return done;
}

/** Whether a name (without `/`) is matched by one segment of a pattern. The last `*` alone is tried again: O(name × pattern). */
export function matchesSegment(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let p = 0;
  let n = 0;
  let starAt = -1;
  let starName = 0;
  while (n < name.length) {
    const step = p < pattern.length && pattern[p] !== '*' ? matchOne(pattern, p, name[n] ?? '') : undefined;
    if (step !== undefined) {
      p = step;
      n++;
    } else if (pattern[p] === '*') {
      starAt = p++;
      starName = n;
    } else if (starAt !== -1) {
      p = starAt + 1;
      n = ++starName;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Where the pattern goes on when its next part matches the character. */
function matchOne(pattern: string, at: number, character: string): number | undefined {
  const wanted = pattern[at];
  if (wanted === '?') return at + 1;
  const close = wanted === '[' ? pattern.indexOf(']', at + 2) : -1;
  if (close === -1) return wanted === character ? at + 1 : undefined;
  const negated = pattern[at + 1] === '!' || pattern[at + 1] === '^';
  const set = pattern.slice(at + (negated ? 2 : 1), close);
  return isInSet(set, character) !== negated ? close + 1 : undefined;
}

function isInSet(set: string, character: string): boolean {
  for (let i = 0; i < set.length; i++) {
    const from = set[i] ?? '';
    if (set[i + 1] === '-' && i + 2 < set.length) {
      if (from <= character && character <= (set[i + 2] ?? '')) return true;
      i += 2;
    } else if (from === character) return true;
  }
  return false;
}
