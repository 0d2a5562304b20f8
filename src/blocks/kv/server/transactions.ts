/**
 * MULTI EXEC DISCARD WATCH UNWATCH. Between MULTI and EXEC the gate keeps commands in place of running them; EXEC runs them all in the
 * present turn, without anybody between them. What a command refuses is one answer among the others, as in Redis; an error of the store
 * undoes the whole turn, so that no transaction is half there.
 */
import type { ClientState } from '../../../platform/protocol/resp/client-state.js';
import { type CommandEntry, callCommand, type RespCommand } from '../../../platform/protocol/resp/command.js';
import { errorReplyOf, internalError } from '../../../platform/protocol/resp/errors.js';
import type { CommandGate } from '../../../platform/protocol/resp/gate.js';
import { error, isError, nullArray, OK, type Reply, simple } from '../../../platform/protocol/resp/reply.js';
import { Waiting } from '../../../platform/protocol/resp/waiting.js';
import { byteStringOf } from '../bytes.js';
import type { Engine } from './engine.js';
import { isRefusal } from './refusals.js';
import type { QueuedCommand, Session, Sessions } from './session.js';

/** Run at once also between MULTI and EXEC. */
const NOT_QUEUED = new Set(['multi', 'exec', 'discard', 'watch', 'reset', 'quit']);

/** Of a transaction: what fewer of them write is no more than a turn may, each at most 8 MiB beside what was sent. */
const MANY_COMMANDS = 8;

const QUEUED = simple('QUEUED');
const NESTED = error('ERR', 'MULTI calls can not be nested');
const WATCH_IN_MULTI = error('ERR', 'WATCH inside MULTI is not allowed');
const ABORTED = error('EXECABORT', 'Transaction discarded because of previous errors.');
const NOT_ALLOWED = error('ERR', 'Command not allowed inside a transaction');
const TOO_LARGE = error(
  'ERR',
  'transaction is too large: commands of more than 64 MB, or of 512 MB by all clients, cannot be queued',
);
const WATCHES_TOO_MUCH = error(
  'ERR',
  'too many watched keys: more than 64 MB, or 512 MB by all clients, cannot be watched',
);

const without = (command: string) => error('ERR', `${command} without MULTI`);

/** Stands before all commands: those of a transaction are queued. */
export class TransactionGate implements CommandGate {
  readonly #sessions: Sessions;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  admit(
    client: ClientState,
    entry: CommandEntry<ClientState>,
    args: readonly Buffer[] | readonly string[],
  ): Reply | undefined {
    if (!client.inTransaction || NOT_QUEUED.has(entry.name)) return undefined;
    const session = this.#sessions.of(client);
    const allowed = !entry.command.flags.includes('no_multi');
    if (allowed && session.enqueue(entry, args)) return QUEUED;
    session.refused = true;
    return allowed ? TOO_LARGE : NOT_ALLOWED;
  }

  writes(client: ClientState, { name }: CommandEntry<ClientState>): boolean {
    return name === 'exec' && writesAny(this.#sessions.of(client));
  }

  refused(client: ClientState): void {
    if (client.inTransaction) this.#sessions.of(client).refused = true;
  }
}

export function transactionCommands(engine: Engine, sessions: Sessions): RespCommand<ClientState>[] {
  const flags = ['noscript', 'loading', 'stale', 'fast', 'allow_busy'];
  return [
    {
      name: 'multi',
      arity: 1,
      flags,
      summary: 'Starts a transaction: commands are queued until EXEC.',
      handle: (client) => multi(sessions.of(client)),
    },
    {
      name: 'exec',
      arity: 1,
      flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
      ofTurn: true,
      summary: 'Runs the commands of a transaction, all of them or, after an error of the store, none.',
      handle: (client) => exec(engine, sessions.of(client), client),
    },
    {
      name: 'discard',
      arity: 1,
      flags,
      summary: 'Drops the commands of a transaction.',
      handle: (client) => discard(sessions.of(client)),
    },
    {
      name: 'watch',
      arity: -2,
      flags,
      firstKey: 1,
      lastKey: -1,
      step: 1,
      summary: 'Makes EXEC fail when one of the keys changes before it.',
      handle: (client, args) => watch(engine, sessions.of(client), args),
    },
    {
      name: 'unwatch',
      arity: 1,
      flags,
      summary: 'Forgets the watched keys.',
      handle: (client) => {
        sessions.of(client).unwatch();
        return OK;
      },
    },
  ];
}

function multi(session: Session): Reply {
  if (session.gathering) return NESTED;
  session.begin();
  return OK;
}

function discard(session: Session): Reply {
  if (!session.gathering) return without('DISCARD');
  session.end();
  return OK;
}

function watch(engine: Engine, session: Session, args: readonly Buffer[]): Reply {
  if (session.gathering) return WATCH_IN_MULTI;
  // What is watched must be there for good: the revisions of a turn that is undone are given once more.
  return engine.runApart('read', () => (session.watch(args.map(byteStringOf)) ? OK : WATCHES_TOO_MUCH));
}

function exec(engine: Engine, session: Session, client: ClientState): Reply {
  if (!session.gathering) return without('EXEC');
  if (session.refused) {
    session.end();
    return ABORTED;
  }
  try {
    const mode = writesAny(session) ? 'write' : 'read';
    const work = (): Reply => {
      if (session.watchedHaveChanged()) return nullArray;
      session.inTransaction = true;
      return session.queued.map((command) => answerOf(command, client));
    };
    return mode === 'write' && session.queued.length >= MANY_COMMANDS
      ? engine.runApart(mode, work)
      : engine.run(mode, work);
  } finally {
    session.inTransaction = false;
    // Also when the store could not be entered: EXEC ends a transaction, whatever it answers.
    session.end();
  }
}

const writesAny = ({ queued }: Session): boolean => queued.some(({ entry }) => entry.writes);

function answerOf({ entry, args }: QueuedCommand, client: ClientState): Reply {
  try {
    entry.calls++;
    const reply = callCommand(entry.command, client, args);
    if (isError(reply)) entry.failedCalls++;
    // Nothing that may be queued answers later: commands that wait do not do so here.
    return reply instanceof Promise || reply instanceof Waiting ? internalError : reply;
  } catch (failure) {
    if (!isRefusal(failure)) throw failure;
    entry.failedCalls++;
    return errorReplyOf(failure);
  }
}
