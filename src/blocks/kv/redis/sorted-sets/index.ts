/** Sorted sets: members in the order of their scores. */
import type { KvCommand } from '../command.js';
import { addCommands } from './add.js';
import { operationCommands } from './operations.js';
import { popCommands } from './pop.js';
import { rangeCommands } from './range.js';
import { readCommands } from './read.js';

export const sortedSetCommands: readonly KvCommand[] = [
  ...addCommands,
  ...readCommands,
  ...rangeCommands,
  ...popCommands,
  ...operationCommands,
];
