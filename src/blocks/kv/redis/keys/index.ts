/** Commands for keys of any type. */
import type { KvCommand } from '../command.js';
import type { EncodingLimits } from '../encodings.js';
import { existenceCommands } from './existence.js';
import { expireCommands } from './expire.js';
import { objectCommand } from './object.js';
import { randomKeyCommands } from './random-key.js';
import { renameCommands } from './rename.js';
import { scanCommands } from './scan.js';
import { sortCommands } from './sort.js';

/** `limits`: of the encodings that OBJECT tells; the same as CONFIG's. */
export function createKeyCommands(limits: EncodingLimits): readonly KvCommand[] {
  return [
    ...existenceCommands,
    ...expireCommands,
    ...renameCommands,
    ...scanCommands,
    ...randomKeyCommands,
    ...sortCommands,
    objectCommand(limits),
  ];
}
