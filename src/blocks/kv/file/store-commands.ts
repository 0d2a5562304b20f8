/** The commands that the interface of the store needs, and no others. */
import type { KvCommand } from '../redis/command.js';
import { extensionCommands } from '../redis/extension/index.js';
import { existenceCommands } from '../redis/keys/existence.js';
import { expireCommands } from '../redis/keys/expire.js';
import { countCommands } from '../redis/strings/count.js';

export const storeCommands: readonly KvCommand[] = [
  ...extensionCommands,
  ...existenceCommands,
  ...expireCommands,
  ...countCommands,
];
