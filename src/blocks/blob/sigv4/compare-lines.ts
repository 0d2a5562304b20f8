/** Two texts line by line, by their longest common subsequence. */

export type LineMark = 'both' | 'server' | 'client';

export interface MarkedLine {
  readonly mark: LineMark;
  readonly text: string;
}

/** Of more lines than a request can have, the rest is compared as one line. */
const MOST_LINES = 400;

/** All lines of both, in order; where they differ, the server's first. */
export function compareLines(server: readonly string[], client: readonly string[]): readonly MarkedLine[] {
  const [ours, theirs] = [bounded(server), bounded(client)];
  const common = commonLengths(ours, theirs);
  const result: MarkedLine[] = [];
  let i = 0;
  let j = 0;
  while (i < ours.length || j < theirs.length) {
    const one = ours[i];
    const other = theirs[j];
    if (one !== undefined && one === other) {
      result.push({ mark: 'both', text: one });
      i += 1;
      j += 1;
    } else if (one !== undefined && (other === undefined || at(common, i + 1, j) >= at(common, i, j + 1))) {
      result.push({ mark: 'server', text: one });
      i += 1;
    } else {
      result.push({ mark: 'client', text: other ?? '' });
      j += 1;
    }
  }
  return result;
}

function bounded(lines: readonly string[]): readonly string[] {
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), lines.slice(MOST_LINES).join('\n')];
}

/** Entry (i, j): how many lines are common to what comes from line i of one and line j of the other. */
function commonLengths(ours: readonly string[], theirs: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: ours.length + 1 }, () => new Uint16Array(theirs.length + 1));
  for (let i = ours.length - 1; i >= 0; i -= 1) {
    for (let j = theirs.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row === undefined) continue;
      row[j] =
        ours[i] === theirs[j] ? at(lengths, i + 1, j + 1) + 1 : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}

function at(lengths: readonly Uint16Array[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}
