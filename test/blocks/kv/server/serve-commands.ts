/** Commands behind a RESP port, on a file of their own, as the daemon has them; the clock stands unless it is moved. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { KvCommand } from '../../../../src/blocks/kv/redis/command.js';
import { RedisCommands } from '../../../../src/blocks/kv/server/commands.js';
import { DurableTurns } from '../../../../src/blocks/kv/server/durable-turns.js';
import { Engine } from '../../../../src/blocks/kv/server/engine.js';
import { Keyspace, type KeyspaceOptions } from '../../../../src/blocks/kv/store/keyspace.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { createRespServer, type RespServer } from '../../../../src/platform/protocol/resp/index.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { RawClient } from '../../../platform/protocol/resp/serve.js';

export interface ServedCommands {
  readonly port: number;
  readonly path: string;
  readonly clock: ManualClock;
  readonly keyspace: Keyspace;
  readonly engine: Engine;
  readonly commands: RedisCommands;
  readonly server: RespServer;
  /** A connection; named, so that others can find it. */
  client(): TextClient;
}

export async function serveCommands(
  kvCommands: readonly KvCommand[],
  options: Partial<KeyspaceOptions> = {},
): Promise<ServedCommands> {
  const folder = mkdtempSync(join(tmpdir(), 'kv-'));
  const path = join(folder, 'kv.db');
  const clock = new ManualClock();
  const keyspace = new Keyspace({ path, clock, ...options });
  const engine = new Engine(keyspace, clock);
  const commands = new RedisCommands(engine, kvCommands, { clock, random: systemRandom });
  const server = createRespServer({
    commands: commands.table,
    gate: commands.gate,
    turns: new DurableTurns(engine, undefined, systemClock),
    databases: keyspace.databases.length,
    serverName: 'ds-kv',
    version: '1.2.3',
    clock: systemClock,
    info: () => ({}),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await server.stop(1000);
    keyspace.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { port, path, clock, keyspace, engine, commands, server, client: () => new TextClient(port) };
}

/** Sends lines; what comes back is compared line by line, `\r\n` as a blank. */
export class TextClient {
  readonly #raw: RawClient;

  constructor(port: number) {
    this.#raw = new RawClient(port);
  }

  get received(): string {
    return this.#raw.received;
  }

  /** Commands, sent together, without waiting for answers. */
  send(...lines: readonly string[]): void {
    this.#raw.send(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** `+OK $1 a` */
  async expect(text: string): Promise<void> {
    await this.#raw.expect(`${text.replaceAll(' ', '\r\n')}\r\n`);
  }

  /** As {@link expect}, of an error or another answer of one line, blanks and all. */
  async expectLine(line: string): Promise<void> {
    await this.#raw.expect(`${line}\r\n`);
  }

  /** The answer of one command. */
  async ask(line: string): Promise<string> {
    this.send(line);
    await waitFor(() => this.#raw.received.endsWith('\r\n'), { what: line });
    const { received } = this.#raw;
    this.#raw.received = '';
    return received.trimEnd().replaceAll('\r\n', ' ');
  }

  leave(): void {
    this.#raw.socket.destroy();
  }

  /** Closes its sending side. */
  end(): void {
    this.#raw.socket.end();
  }

  untilEnded(): Promise<string> {
    return this.#raw.untilEnded();
  }
}
