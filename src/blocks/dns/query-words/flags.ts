/** Long flags, one for each of dig's habits. */
import { parseNetwork } from '../../../platform/ip-address.js';
import { findClass, parseType } from '../wire.js';
import { badWord } from './keywords.js';
import { DEFAULT_LINE, DEFAULT_SETTINGS, type LineSettings, type QuerySettings } from './settings.js';

/** As they are parsed; what was not given is absent. */
export interface QueryFlags {
  readonly server?: readonly string[] | undefined;
  readonly port?: number | undefined;
  readonly type?: string | undefined;
  readonly class?: string | undefined;
  readonly short?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly trace?: boolean | undefined;
  readonly dnssec?: boolean | undefined;
  readonly 'checking-disabled'?: boolean | undefined;
  readonly recurse?: boolean | undefined;
  readonly tcp?: boolean | undefined;
  readonly tls?: boolean | undefined;
  readonly https?: boolean | undefined;
  readonly 'https-get'?: boolean | undefined;
  readonly 'tls-ca'?: string | undefined;
  readonly 'tls-hostname'?: string | undefined;
  readonly 'tls-insecure'?: boolean | undefined;
  readonly ipv4?: boolean | undefined;
  readonly ipv6?: boolean | undefined;
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  readonly search?: boolean | undefined;
  readonly ignore?: boolean | undefined;
  readonly edns?: boolean | undefined;
  readonly cookie?: boolean | undefined;
  readonly 'udp-size'?: number | undefined;
  readonly nsid?: boolean | undefined;
  readonly subnet?: string | undefined;
  readonly padding?: number | undefined;
}

/** What dig's words then change. Errors: `dns.bad_word`, `dns.unknown_type`. */
export function settingsOfFlags(flags: QueryFlags): { readonly settings: QuerySettings; readonly line: LineSettings } {
  const settings = {
    ...DEFAULT_SETTINGS,
    ...given({
      servers: flags.server,
      port: flags.port,
      type: flags.type === undefined ? undefined : parseType(flags.type),
      class: flags.class === undefined ? undefined : classOf(flags.class),
      trace: flags.trace,
      dnssec: flags.dnssec,
      checkingDisabled: flags['checking-disabled'],
      recursionDesired: flags.recurse,
      transport: transportOf(flags),
      httpMethod: flags['https-get'] === true ? ('GET' as const) : undefined,
      tlsCa: flags['tls-ca'],
      tlsHostname: flags['tls-hostname'],
      tlsInsecure: flags['tls-insecure'],
      family: flags.ipv4 === true ? (4 as const) : flags.ipv6 === true ? (6 as const) : undefined,
      timeoutMs: flags.timeout,
      retries: flags.retries,
      search: flags.search,
      ignoreTruncation: flags.ignore,
      cookie: flags.cookie,
      udpSize: flags['udp-size'],
      nsid: flags.nsid,
      subnet: flags.subnet === undefined ? undefined : subnetOf(flags.subnet),
      padding: flags.padding,
    }),
    ...(flags.edns === false ? { edns: undefined } : {}),
  };
  return { settings, line: { ...DEFAULT_LINE, short: flags.short === true, json: flags.json === true } };
}

/** Without what is undefined. */
function given<T extends object>(values: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const kept: { [Key in keyof T]?: NonNullable<T[Key]> } = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined && value !== null) kept[key] = value;
  }
  return kept;
}

function transportOf({ tcp, tls, https, 'https-get': get }: QueryFlags): QuerySettings['transport'] | undefined {
  if (https === true || get === true) return 'https';
  return tls === true ? 'tls' : tcp === true ? 'tcp' : undefined;
}

function classOf(text: string): number {
  const rrClass = findClass(text);
  if (rrClass === undefined) throw badWord(`--class "${text.slice(0, 40)}" is no class`, 'write --class IN, CH or HS');
  return rrClass;
}

function subnetOf(text: string) {
  const network = parseNetwork(text === '0' ? '0.0.0.0/0' : text);
  if (network === undefined) throw badWord(`--subnet ${text.slice(0, 60)} is no network`, '--subnet 192.0.2.0/24');
  return network;
}
