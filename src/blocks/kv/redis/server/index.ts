/** Commands about the server and its databases. */
import type { KvCommand } from '../command.js';
import type { EncodingLimits } from '../encodings.js';
import { configCommand } from './config.js';
import { databaseCommands } from './databases.js';
import { functionCommands } from './function.js';
import { memoryCommands } from './memory.js';
import { type ConfigParameter, encodingParameters, layoutParameters, storeParameters } from './parameters.js';
import { stateCommands } from './state.js';

/** What the daemon knows. */
export interface ServerHost {
  /** Its own ones, such as port, appendfsync; they come before those of the same name that every store has. */
  readonly parameters: readonly ConfigParameter[];
  /** Those that OBJECT ENCODING answers by. */
  readonly limits: EncodingLimits;
  resetStatistics(): void;
}

export function createServerCommands(host: ServerHost): readonly KvCommand[] {
  const { limits } = host;
  const own = new Set(host.parameters.map(({ name }) => name));
  const general = [...storeParameters, ...encodingParameters(limits), ...layoutParameters()];
  const parameters = [...host.parameters, ...general.filter(({ name }) => !own.has(name))];
  return [
    ...databaseCommands,
    ...stateCommands,
    ...memoryCommands,
    ...functionCommands,
    configCommand({ parameters, resetStatistics: () => host.resetStatistics() }),
  ];
}
