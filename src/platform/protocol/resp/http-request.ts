import { asBuffers, type CommandArguments } from './command.js';

/** A request line of HTTP/1 (RFC 9112, section 3): `GET / HTTP/1.1`. */
export function isHttp(name: string, args: CommandArguments): boolean {
  if (args.length !== 2 || !/^(get|head|put|delete|options|patch|trace|connect)$/i.test(name)) return false;
  return asBuffers(args)[1]?.toString('latin1', 0, 6) === 'HTTP/1';
}
