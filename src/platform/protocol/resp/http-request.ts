import { asBuffers, type CommandArguments } from './command.js';

/**
 * HTTP on this port means that a browser was made to send it, perhaps with commands in its body
 * (https://redis.io/docs/latest/operate/oss_and_stack/management/security: cross-protocol scripting). As Redis, by what no command is called;
 * and by a request line of HTTP/1 (RFC 9112, section 3): `GET / HTTP/1.1`.
 */
export function isHttp(name: string, args: CommandArguments): boolean {
  if (/^(post|host:)$/i.test(name)) return true;
  if (args.length !== 2 || !/^(get|head|put|delete|options|patch|trace|connect)$/i.test(name)) return false;
  return asBuffers(args)[1]?.toString('latin1', 0, 6) === 'HTTP/1';
}
