import type { Grouping } from './ast.js';
import type { TokenReader } from './token-reader.js';

/** `by (…)` or `without (…)`, where there is one. */
export function parseGrouping(reader: TokenReader): Grouping | undefined {
  const without = reader.isWord('without');
  if (!(without || reader.isWord('by')) || !reader.isSymbol('(', 1)) return undefined;
  reader.next();
  return { without, labels: reader.names() };
}
