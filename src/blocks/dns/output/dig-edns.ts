/** The OPT pseudosection as dig prints it. Whatever a server put there is shown in printable ASCII. */
import { escapeForTerminal } from '../../../platform/terminal-safety.js';
import { hex, readClientSubnet, readExtendedError, readKeepalive } from '../edns-options.js';
import { readUint32 } from '../wire/octets.js';
import { type Edns, type EdnsOption, EdnsOptionCode } from '../wire.js';
import { digPeriod } from './dig-style.js';

const EXPIRE = 9;
const CLIENT_COOKIE_OCTETS = 8;

/** `sentCookie` is what the query had: whether the server's belongs to it is shown. */
export function digEdns(edns: Edns, sentCookie: Uint8Array | undefined): string[] {
  const flags = edns.dnssecOk ? ' do' : '';
  return [
    ';; OPT PSEUDOSECTION:',
    `; EDNS: version: ${edns.version}, flags:${flags}; udp: ${edns.udpSize}`,
    ...edns.options.map((option) => `; ${digOption(option, sentCookie)}`),
  ];
}

function digOption({ code, data }: EdnsOption, sentCookie: Uint8Array | undefined): string {
  switch (code) {
    case EdnsOptionCode.NSID:
      return `NSID:${octets(data)}`;
    case EdnsOptionCode.CLIENT_SUBNET:
      return `CLIENT-SUBNET:${subnet(data)}`;
    case EXPIRE:
      return data.length === 4 ? `EXPIRE: ${expire(readUint32(data, 0))}` : `EXPIRE:${octets(data)}`;
    case EdnsOptionCode.COOKIE:
      return `COOKIE: ${hex(data)}${cookieMark(data, sentCookie)}`;
    case EdnsOptionCode.TCP_KEEPALIVE:
      return `TCP KEEPALIVE:${keepalive(data)}`;
    case EdnsOptionCode.PADDING:
      return data.length === 0 ? 'PAD:' : `PAD: (${data.length} bytes)`;
    case EdnsOptionCode.EXTENDED_ERROR:
      return `EDE:${extendedError(data)}`;
    default:
      return `OPT=${code}:${octets(data)}`;
  }
}

/** ` 6e 73 ("ns")` */
function octets(data: Uint8Array): string {
  if (data.length === 0) return '';
  return ` ${hex(data).replace(/..(?!$)/g, '$& ')} ("${printable(data)}")`;
}

function printable(data: Uint8Array): string {
  return Array.from(data, (octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.')).join('');
}

/** UTF-8 as it is; what could drive a terminal as a dot. */
function printableText(text: string): string {
  return text.replace(/./gsu, (character) => (escapeForTerminal(character) === character ? character : '.'));
}

function subnet(data: Uint8Array): string {
  const read = readClientSubnet(data);
  if (read === undefined || read.family > 2) return octets(data);
  const address = read.sourcePrefix === 0 && read.family === 0 ? '0' : read.address;
  return ` ${address}/${read.sourcePrefix}/${read.scopePrefix}`;
}

function expire(seconds: number): string {
  return `${seconds} (${digPeriod(seconds, true)})`;
}

function keepalive(data: Uint8Array): string {
  const tenths = readKeepalive(data);
  return tenths === undefined ? octets(data) : ` ${(tenths / 10).toFixed(1)} secs`;
}

function cookieMark(data: Uint8Array, sent: Uint8Array | undefined): string {
  if (sent === undefined) return '';
  if (data.length === CLIENT_COOKIE_OCTETS) return ' (echoed)';
  const isOurs = hex(data).startsWith(hex(sent.subarray(0, CLIENT_COOKIE_OCTETS)));
  return isOurs ? ' (good)' : ' (bad)';
}

function extendedError(data: Uint8Array): string {
  const error = readExtendedError(data);
  if (error === undefined) return octets(data);
  const name = error.name === undefined ? '' : ` (${error.name})`;
  const text = error.text === '' ? '' : `: (${printableText(error.text)})`;
  return ` ${error.code}${name}${text}`;
}
