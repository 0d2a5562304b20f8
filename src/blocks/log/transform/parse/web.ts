/**
 * Logs of web servers. Expressions here are constant and take linear time: each part ends at a character that it cannot contain.
 *
 *     combined       127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "http://…" "Mozilla/4.08"    nginx and Apache
 *     nginx_error    2024/01/02 15:04:05 [error] 31#31: *1 open() "/x" failed …, client: 10.0.0.1, server: _, request: "GET /x HTTP/1.1", …
 *     apache_error   [Sun Dec 04 04:47:44.1 2005] [core:error] [pid 35:tid 4] [client 10.0.0.1:5] AH00037: …      and [error] of 1.3 to 2.2
 */
import { normaliseLevel } from '../level.js';
import type { Fields } from '../metadata.js';
import { textParser } from './parser.js';

const COMBINED =
  /^(\S+) (\S+) ([^[]{1,256}?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}|-) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/;
const REQUEST = /^([A-Z][A-Z-]{0,31}) (\S+)(?: (HTTP\/[\d.]{1,8}))?$/;

/** `-` is what servers write where there is nothing. */
function setKnown(fields: Fields, name: string, value: string | undefined): void {
  if (value !== undefined && value !== '-' && value !== '') fields.set(name, value);
}

function setRequest(fields: Fields, request: string): void {
  const [, method, path, protocol] = REQUEST.exec(request) ?? [];
  if (method === undefined) {
    setKnown(fields, 'request', request);
    return;
  }
  fields.set('method', method);
  setKnown(fields, 'path', path);
  setKnown(fields, 'protocol', protocol);
}

export const combinedParser = textParser('combined', (line, fields) => {
  const match = COMBINED.exec(line);
  if (match === null) return false;
  const [, address, ident, user, , request = '', status, bytes, referer, agent] = match;
  setKnown(fields, 'remote_addr', address);
  setKnown(fields, 'remote_ident', ident);
  setKnown(fields, 'remote_user', user);
  setRequest(fields, request);
  setKnown(fields, 'status', status);
  setKnown(fields, 'body_bytes_sent', bytes);
  setKnown(fields, 'http_referer', referer);
  setKnown(fields, 'http_user_agent', agent);
  return true;
});

const NGINX_ERROR = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] (\d+)#(\d+): (?:\*(\d+) )?/;
/** What nginx adds to a message about a request. */
const NGINX_PART = /, (client|server|request|upstream|host|referrer): (?:"([^"]*)"|([^,"]*))/g;

export const nginxErrorParser = textParser('nginx_error', (line, fields) => {
  const match = NGINX_ERROR.exec(line);
  if (match === null) return false;
  const [, level = '', pid, tid, connection] = match;
  fields.set('level', normaliseLevel(level) ?? level);
  setKnown(fields, 'pid', pid);
  setKnown(fields, 'tid', tid);
  setKnown(fields, 'connection', connection);
  for (const [, name = '', quoted, bare] of line.matchAll(NGINX_PART)) {
    if (name === 'request') setRequest(fields, quoted ?? bare ?? '');
    else setKnown(fields, name, quoted ?? bare);
  }
  return true;
});

const APACHE_ERROR =
  /^\[[A-Z][a-z]{2} [^\]]{15,40}\] \[(?:(\w*):)?(\w+)\](?: \[pid (\d+)(?::tid (\d+))?\])?(?: \[(?:remote|client) ([^\]]{1,100})\])?(?: (AH\d{5}):)?/;

export const apacheErrorParser = textParser('apache_error', (line, fields) => {
  const match = APACHE_ERROR.exec(line);
  if (match === null) return false;
  const [, module, level = '', pid, tid, client, code] = match;
  setKnown(fields, 'module', module);
  fields.set('level', normaliseLevel(level.replace(/\d$/, '')) ?? level);
  setKnown(fields, 'pid', pid);
  setKnown(fields, 'tid', tid);
  setKnown(fields, 'client', client);
  setKnown(fields, 'error_code', code);
  return true;
});
