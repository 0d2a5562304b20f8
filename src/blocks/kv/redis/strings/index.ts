import type { KvCommand } from '../command.js';
import { countCommands } from './count.js';
import { getCommands } from './get.js';
import { lcsCommands } from './lcs.js';
import { manyCommands } from './many.js';
import { rangeCommands } from './range.js';
import { setCommands } from './set.js';

export const stringCommands: readonly KvCommand[] = [
  ...getCommands,
  ...setCommands,
  ...manyCommands,
  ...rangeCommands,
  ...countCommands,
  ...lcsCommands,
];
