/** What stands before all commands of a server: the queue of a transaction. */
import type { ClientState } from './client-state.js';
import type { CommandEntry } from './command.js';
import type { Reply } from './reply.js';

export interface CommandGate {
  /** Asked before each command that may be called, built-in ones too. undefined lets it through, a reply is its answer. */
  admit(
    client: ClientState,
    entry: CommandEntry<ClientState>,
    args: readonly Buffer[] | readonly string[],
  ): Reply | undefined;
  /** Whether a command runs others that write: CLIENT PAUSE WRITE. */
  writes(client: ClientState, entry: CommandEntry<ClientState>): boolean;
  /** A command was refused before it came here: unknown, or with a wrong number of arguments. */
  refused(client: ClientState): void;
}
