/** What CONFIG GET tells of the daemon beside the store. None of it can be set: a daemon's options are its flags. */
import type { ConfigParameter } from '../redis/server/parameters.js';
import { MOST_STRING_BYTES } from '../redis/strings/values.js';
import type { KvOptions } from './options.js';

/** `port`: as bound. */
export function daemonParameters(options: KvOptions, port: () => number): readonly ConfigParameter[] {
  const told = (name: string, value: () => string | number): ConfigParameter => ({ name, get: () => String(value()) });
  return [
    told('port', () => (options.tlsCert === undefined ? port() : 0)),
    told('tls-port', () => (options.tlsCert === undefined ? 0 : port())),
    told('appendonly', () => 'yes'),
    told('appendfsync', () => (options.sync === 'full' ? 'always' : 'no')),
    told('proto-max-bulk-len', () => MOST_STRING_BYTES),
  ];
}
