/** «Did you mean»: the known word nearest to what was typed. */
import { distance } from 'fastest-levenshtein';

/** Undefined when nothing is near: more than a third of the word, and at least two letters, would have to change. */
export function closest(word: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3));
  for (const candidate of known) {
    const changes = distance(word.toLowerCase(), candidate.toLowerCase());
    if (changes > least || (changes === least && nearest !== undefined)) continue;
    nearest = candidate;
    least = changes;
  }
  return nearest;
}
