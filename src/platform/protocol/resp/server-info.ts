/** The sections of INFO that every RESP server has. */

import type { InfoSections } from './server-commands.js';
import type { RespCounters } from './server-context.js';

/**
 * Client libraries choose by `redis_version` what they may send; this is the version whose texts and built-in commands
 * are followed here.
 */
const REDIS_VERSION = '7.0.0';

export function serverInfo(
  options: { readonly serverName: string; readonly version: string; info(): InfoSections },
  server: { readonly connections: number; readonly blocked: number; readonly counters: RespCounters },
  port: number,
  uptimeMs: number,
): InfoSections {
  const { counters } = server;
  const sections: Record<string, Record<string, string | number>> = {
    Server: {
      redis_version: REDIS_VERSION,
      redis_mode: 'standalone',
      server_name: options.serverName,
      server_version: options.version,
      process_id: process.pid,
      tcp_port: port,
      uptime_in_seconds: Math.floor(uptimeMs / 1000),
    },
    Clients: { connected_clients: server.connections, blocked_clients: server.blocked },
    Stats: {
      total_connections_received: counters.connections,
      rejected_connections: counters.rejected,
      total_commands_processed: counters.commands,
      protocol_errors: counters.protocolErrors,
      slow_readers_cut: counters.slowReaders,
    },
  };
  for (const [title, fields] of Object.entries(options.info())) {
    sections[title] = { ...sections[title], ...fields };
  }
  return sections;
}
