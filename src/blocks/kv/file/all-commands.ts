/** All commands that work on a file without a daemon. */
import type { KvCommand } from '../redis/command.js';
import { createRedisCommands } from '../redis/index.js';

/** A file in this process has no settings of a daemon's, and no statistics. */
export const allCommands = (): readonly KvCommand[] =>
  createRedisCommands({ parameters: [], resetStatistics: () => {} });
