import { isIP } from 'node:net';

/**
 * As options of `tls.connect()`: the name by which a server chooses its certificate. An address must not be given as one (RFC 6066, section 3), and is
 * checked all the same.
 */
export const serverName = (host: string): { readonly servername?: string } =>
  isIP(host) === 0 ? { servername: host } : {};
