import type { KvCommand } from '../command.js';
import { bitOperationCommands } from './combine.js';
import { bitCountCommands } from './count.js';
import { bitFieldCommands } from './field.js';
import { singleBitCommands } from './single.js';

export const bitCommands: readonly KvCommand[] = [
  ...singleBitCommands,
  ...bitCountCommands,
  ...bitOperationCommands,
  ...bitFieldCommands,
];
