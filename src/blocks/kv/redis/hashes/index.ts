/** Hashes: fields with values under a key. */
import type { KvCommand } from '../command.js';
import { randomCommands } from './random.js';
import { readCommands } from './read.js';
import { writeCommands } from './write.js';

export const hashCommands: readonly KvCommand[] = [...writeCommands, ...readCommands, ...randomCommands];
