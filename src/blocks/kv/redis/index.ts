/** All commands of Redis's that this store has, and its own ones. */
import { bitCommands } from './bits/index.js';
import type { KvCommand } from './command.js';
import { EncodingLimits } from './encodings.js';
import { extensionCommands } from './extension/index.js';
import { hashCommands } from './hashes/index.js';
import { createKeyCommands } from './keys/index.js';
import { listCommands } from './lists/index.js';
import { createServerCommands } from './server/index.js';
import type { ConfigParameter } from './server/parameters.js';
import { setCommands } from './sets/index.js';
import { sortedSetCommands } from './sorted-sets/index.js';
import { stringCommands } from './strings/index.js';

/** What the daemon gives to its commands. */
export interface CommandsHost {
  /** Of CONFIG, its own ones. */
  readonly parameters: readonly ConfigParameter[];
  resetStatistics(): void;
}

export function createRedisCommands(host: CommandsHost): readonly KvCommand[] {
  const limits = new EncodingLimits();
  return [
    ...stringCommands,
    ...bitCommands,
    ...createKeyCommands(limits),
    ...listCommands,
    ...hashCommands,
    ...setCommands,
    ...sortedSetCommands,
    ...extensionCommands,
    ...createServerCommands({ ...host, limits, resetStatistics: () => host.resetStatistics() }),
  ];
}
