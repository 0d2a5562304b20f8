/** «Did you mean»: the known word nearest to what was typed. */
import { distance } from 'fastest-levenshtein';

/**
 * The one word that begins with what was typed, else the nearest. Undefined when nothing is near: more than a third of the
 * word, and at least two letters, would have to change, or all of it.
 */
export function closest(word: string, known: readonly string[]): string | undefined {
  const begun = word.length < 2 ? [] : known.filter((candidate) => candidate.startsWith(word.toLowerCase()));
  if (begun.length === 1) return begun[0];
  let nearest: string | undefined;
  let least = Math.min(word.length - 1, Math.max(2, Math.floor(word.length / 3)));
  for (const candidate of known) {
    const changes = distance(word.toLowerCase(), candidate.toLowerCase());
    if (changes > least || (changes === least && nearest !== undefined)) continue;
    nearest = candidate;
    least = changes;
  }
  return nearest;
}
