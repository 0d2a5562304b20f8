/** One call of a command: whatever goes wrong in it is an answer, too. */
import { DsError } from '../../errors.js';
import type { ClientState } from './client-state.js';
import { type CommandArguments, type CommandEntry, callCommand, isTexts } from './command.js';
import { errorReplyOf, internalError } from './errors.js';
import type { Reply } from './reply.js';
import type { ServerContext } from './server-context.js';
import type { Waiting } from './waiting.js';

type Host = Pick<ServerContext, 'gate' | 'logger'>;
type Entry = CommandEntry<ClientState>;

/** What the gate answers in the command's place, or the command itself. */
export function answerCall(
  host: Host,
  client: ClientState,
  entry: Entry,
  args: CommandArguments,
): Reply | Promise<Reply> | Waiting {
  try {
    const admitted = host.gate?.admit(client, entry, args);
    if (admitted !== undefined) return admitted;
    entry.calls++;
    return isTexts(args) ? callCommand(entry.command, client, args) : entry.command.handle(client, args);
  } catch (failure) {
    return failureReply(host, entry, failure);
  }
}

export function failureReply({ logger }: Host, { name }: Entry, failure: unknown): Reply {
  if (failure instanceof DsError) return errorReplyOf(failure);
  logger?.error({ err: failure, command: name }, 'command failed');
  return internalError;
}
