/** Commands that Redis does not have: revisions, ordered keys, changes. What `ds kv` speaks to its own daemon. */
import type { KvCommand } from '../command.js';
import { changeCommands } from './changes.js';
import { keyCommands } from './keys.js';
import { valueCommands } from './values.js';

export const extensionCommands: readonly KvCommand[] = [...valueCommands, ...keyCommands, ...changeCommands];
