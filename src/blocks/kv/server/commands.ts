/** All commands of the daemon, as the RESP server takes them: each runs in the turn of the connection that it came from. */
import type { Clock, Random } from '../../../platform/clock.js';
import type { ClientState } from '../../../platform/protocol/resp/client-state.js';
import type { RespCommand } from '../../../platform/protocol/resp/command.js';
import type { CommandGate } from '../../../platform/protocol/resp/gate.js';
import { Waiting } from '../../../platform/protocol/resp/waiting.js';
import { byteStringOf } from '../bytes.js';
import type { KvCommand, Outcome } from '../redis/command.js';
import { RememberedCursors } from './cursors.js';
import type { Engine } from './engine.js';
import { KeptMemory } from './kept-memory.js';
import { Sessions } from './session.js';
import { TransactionGate, transactionCommands } from './transactions.js';
import { uniform } from './uniform.js';
import { Waiters } from './waiters.js';

export class RedisCommands {
  readonly table: readonly RespCommand<ClientState>[];
  readonly gate: CommandGate;
  readonly #engine: Engine;
  readonly #waiters: Waiters;

  constructor(engine: Engine, commands: readonly KvCommand[], { clock, random }: { clock: Clock; random: Random }) {
    this.#engine = engine;
    const { keyspace } = engine;
    const kept = new KeptMemory();
    this.#waiters = new Waiters(keyspace, clock, kept);
    const cursors = new RememberedCursors(uniform(random));
    const sessions = new Sessions({ keyspace, waiters: this.#waiters, cursors, kept, random: uniform(random) });
    engine.onCommand = () => this.#waiters.serve();
    this.gate = new TransactionGate(sessions);
    this.table = [
      ...commands.map((command) => served(command, engine, sessions)),
      ...transactionCommands(engine, sessions),
    ];
  }

  /** Looks for what other processes wrote, for those who wait for it. */
  poll(): void {
    const waiting = this.#waiters.size;
    if (waiting === 0) return;
    this.#engine.run('read', () => {});
    // Whoever was answered has a turn of its own coming, which ends this one.
    if (this.#waiters.size === waiting) this.#engine.finishTurn();
  }
}

function served(command: KvCommand, engine: Engine, sessions: Sessions): RespCommand<ClientState> {
  const mode = command.flags.includes('write') ? 'write' : 'read';
  const handleTexts = (client: ClientState, args: readonly string[]) => {
    const session = sessions.of(client);
    let outcome: Outcome = null;
    const answer = engine.run(mode, () => {
      outcome = command.run(session, args);
      return outcome;
    });
    // A failed turn answers in its place: nobody is there to be given what it would wait for.
    if (answer !== outcome) dropWaiting(outcome);
    return answer;
  };
  return {
    ...command,
    ofTurn: true,
    handle: (client, args) => handleTexts(client, args.map(byteStringOf)),
    handleTexts,
  };
}

function dropWaiting(outcome: Outcome): void {
  if (outcome instanceof Waiting) outcome.leave();
}
