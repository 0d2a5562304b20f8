/** `| regexp "(?P<method>\\w+)"`: named groups as labels; a line that does not match goes on as it is. */
import type { Regex } from '../../regex/index.js';
import type { NeededLabels, StageFunction } from './stage.js';

/** Throws an Error where the expression has no named group. */
export function checkCaptures(regex: Regex): void {
  if (!regex.groupNames.some((name) => name !== undefined))
    throw new Error('at least one named capture must be supplied');
}

export function regexpStage(regex: Regex, needed: NeededLabels): StageFunction {
  return ({ line, labels }) => {
    const match = regex.find(line);
    if (match === undefined) return true;
    for (const [index, name] of regex.groupNames.entries()) {
      if (name === undefined) continue;
      const free = labels.nameFor(name);
      if (needed === undefined || needed.has(free)) labels.setParsed(free, match.groups[index] ?? '');
    }
    return true;
  };
}
