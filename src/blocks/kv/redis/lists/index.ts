/** The list commands. */
import type { KvCommand } from '../command.js';
import { indexedCommands } from './indexed.js';
import { moveCommands } from './move.js';
import { popManyCommands } from './pop-many.js';
import { pushPopCommands } from './push-pop.js';
import { valuedCommands } from './valued.js';

export const listCommands: readonly KvCommand[] = [
  ...pushPopCommands,
  ...indexedCommands,
  ...valuedCommands,
  ...moveCommands,
  ...popManyCommands,
];
