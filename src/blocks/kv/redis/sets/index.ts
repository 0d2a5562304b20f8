/** Sets: members, each once. */
import type { KvCommand } from '../command.js';
import { memberCommands } from './members.js';
import { operationCommands } from './operations.js';
import { randomCommands } from './random.js';

export const setCommands: readonly KvCommand[] = [...memberCommands, ...randomCommands, ...operationCommands];
