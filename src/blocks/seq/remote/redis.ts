/** The sequencer in a Redis or Valkey: leases and tickets by scripts, one atomic step each. */

import type { RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { readSetting } from '../../../platform/protocol/resp-client/identify.js';
import { ScriptRunner } from '../../../platform/protocol/resp-client/script.js';
import { seqErrors } from '../errors.js';
import type { HybridClock, Sequencer } from '../sequencer.js';
import { RedisTickets } from './redis-tickets.js';
import { RedisWorkers } from './redis-workers.js';

export class RedisSequencer implements Sequencer {
  readonly workers: RedisWorkers;
  readonly tickets: RedisTickets;
  readonly hlc: HybridClock;
  readonly #connection: RemoteConnection;

  constructor(connection: RemoteConnection) {
    const scripts = new ScriptRunner(connection);
    this.#connection = connection;
    this.workers = new RedisWorkers(scripts);
    this.tickets = new RedisTickets(scripts);
    // A stamp is of one machine's clock; a round trip away it would be of none.
    const refuse = async () => {
      throw seqErrors.error(
        'seq.unsupported_remote',
        `${connection.address} is no ds daemon and keeps no hybrid logical clock`,
        { hint: 'use the local file: ds seq hlc, or a daemon: ds seq serve' },
      );
    };
    this.hlc = { tick: refuse, merge: refuse };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/**
 * What of the server's configuration can lose numbers that were acknowledged, as sentences for people. Empty when
 * nothing does, and when the server does not let itself be asked.
 */
export async function durabilityNotices(connection: RemoteConnection): Promise<string[]> {
  const settings = await Promise.all(
    ['appendonly', 'appendfsync', 'maxmemory', 'maxmemory-policy'].map((name) => readSetting(connection, name)),
  );
  const [appendonly, appendfsync, maxmemory, policy] = settings;
  const notices: string[] = [];
  if (appendonly === 'no') {
    notices.push('the server has appendonly no: numbers given since its last snapshot are given again after a crash');
  } else if (appendfsync !== undefined && appendfsync !== 'always') {
    notices.push(`the server has appendfsync ${appendfsync}: the last numbers are given again after a power loss`);
  }
  if (maxmemory !== undefined && maxmemory !== '0' && policy?.startsWith('allkeys-')) {
    notices.push(`the server has maxmemory-policy ${policy}: an evicted sequence begins at 1 again`);
  }
  return notices;
}
