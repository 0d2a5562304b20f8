/** resolv.conf(5), as the stub resolver of glibc reads it. */

import { parseIp } from '../../../platform/ip-address.js';
import { type NameServer, parseServer } from './server-address.js';

export interface ResolvConf {
  /** At most three. None: the name server of this machine. */
  readonly nameservers: readonly NameServer[];
  readonly search: readonly string[];
  /** A name with so many dots is tried as it is before the search list. Default 1. */
  readonly ndots: number;
  /** Milliseconds; undefined where nothing is said. */
  readonly timeoutMs: number | undefined;
  /** Undefined where nothing is said. */
  readonly attempts: number | undefined;
  readonly edns0: boolean;
  /** Begin with another name server each time. */
  readonly rotate: boolean;
  /** Ask over TCP. */
  readonly useTcp: boolean;
}

/** MAXNS of <resolv.h>. */
const MOST_SERVERS = 3;
const MOST_SEARCHED = 32;
/** RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY. */
const MOST_DOTS = 15;
const LONGEST_TIMEOUT_S = 30;
const MOST_ATTEMPTS = 5;

export const DEFAULT_RESOLV_CONF: ResolvConf = {
  nameservers: [],
  search: [],
  ndots: 1,
  timeoutMs: undefined,
  attempts: undefined,
  edns0: false,
  rotate: false,
  useTcp: false,
};

/** Lines that cannot be read are passed over, as everywhere. `port` is where name servers listen. */
export function parseResolvConf(text: string, port = 53): ResolvConf {
  const conf = { ...DEFAULT_RESOLV_CONF, nameservers: [] as NameServer[] };
  for (const line of text.split('\n')) {
    const [keyword = '', ...words] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && conf.nameservers.length < MOST_SERVERS) addServer(conf.nameservers, words[0], port);
    // The last one stands.
    else if (keyword === 'domain') conf.search = words.slice(0, 1);
    else if (keyword === 'search') conf.search = words.slice(0, MOST_SEARCHED);
    else if (keyword === 'options') for (const option of words) Object.assign(conf, readOption(option));
  }
  return conf;
}

/** Hosts cannot stand there: to resolve them would take a name server. */
function addServer(servers: NameServer[], address: string | undefined, port: number): void {
  if (address === undefined || parseIp(address) === undefined) return;
  servers.push(parseServer(address, { defaultPort: port }));
}

function readOption(option: string): Partial<ResolvConf> {
  const [name, digits] = option.split(':');
  const value = /^\d{1,9}$/.test(digits ?? '') ? Number(digits) : undefined;
  if (name === 'edns0') return { edns0: true };
  if (name === 'rotate') return { rotate: true };
  if (name === 'use-vc') return { useTcp: true };
  if (value === undefined) return {};
  if (name === 'ndots') return { ndots: Math.min(value, MOST_DOTS) };
  if (name === 'timeout') return { timeoutMs: Math.min(Math.max(value, 1), LONGEST_TIMEOUT_S) * 1000 };
  return name === 'attempts' ? { attempts: Math.min(Math.max(value, 1), MOST_ATTEMPTS) } : {};
}
