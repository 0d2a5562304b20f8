/** The name servers that this machine is set to use. */
import { readFileSync } from 'node:fs';
import { whyUnreadable } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';
import { parseResolvConf, type ResolvConf } from './resolv-conf.js';
import { parseServer } from './server-address.js';

const RESOLV_CONF = '/etc/resolv.conf';

/**
 * `path` names another file than {@link RESOLV_CONF}. Where it names no server, or there is no such file, the one of this
 * machine is asked (resolv.conf(5)). Error: `dns.unreadable_file`, for a file that was named.
 */
export function readResolvConf(path: string | undefined, port?: number): ResolvConf {
  const conf = parseResolvConf(readText(path), port);
  if (conf.nameservers.length > 0) return conf;
  return { ...conf, nameservers: [parseServer('127.0.0.1', port === undefined ? {} : { defaultPort: port })] };
}

function readText(path: string | undefined): string {
  try {
    return readFileSync(path ?? RESOLV_CONF, 'utf8');
  } catch (error) {
    if (path === undefined) return '';
    throw dnsErrors.error('dns.unreadable_file', `${path} cannot be read: ${whyUnreadable(error)}`, {
      details: { path },
      cause: error,
    });
  }
}
