/** The sections of INFO that tell of the store. */
import type { InfoSections } from '../../../platform/protocol/resp/server-commands.js';
import type { Keyspace } from '../store/keyspace.js';
import type { Maintenance } from './maintenance.js';
import type { KvOptions } from './options.js';

export interface InfoSources {
  readonly keyspace: Keyspace;
  readonly maintenance: Maintenance;
  readonly options: KvOptions;
}

export function infoSections({ keyspace, maintenance, options }: InfoSources): InfoSections {
  const { memory, revision, standing } = keyspace;
  const { sync, cacheMb } = options;
  return {
    Memory: {
      used_memory: process.memoryUsage.rss(),
      // As in Redis: no key is refused or evicted for want of memory; the rest is on disk.
      maxmemory: 0,
      cache_bytes: memory.bytes,
      cache_bytes_bound: cacheMb * 1024 * 1024,
    },
    Persistence: {
      loading: 0,
      aof_enabled: 1,
      aof_fsync: sync === 'full' ? 'always' : 'no',
      rdb_changes_since_last_save: revision - standing.folded,
      revision,
      folded_revision: standing.folded,
      unfolded_keys: memory.fresh.length + memory.folding.length,
    },
    Stats: { expired_keys: maintenance.expiredKeys },
    Replication: { role: 'master', connected_slaves: 0 },
    Keyspace: Object.fromEntries(
      keyspace.databases
        .filter(({ size }) => size > 0)
        .map((database) => [`db${database.number}`, `keys=${database.size},expires=${database.volatile},avg_ttl=0`]),
    ),
  };
}
