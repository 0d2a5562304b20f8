/** Names as they are typed on a command line: in full, with or without the dot at the end. */
import { domainToASCII } from 'node:url';
import { dnsErrors } from './errors.js';
import { Name } from './name.js';

/**
 * Letters beyond ASCII become what the name server is asked for (`bücher.test` is xn--bcher-kva.test.); octets are written
 * `\DDD`. Error: `dns.bad_name`.
 */
export function readTypedName(text: string): Name {
  if (text === '@') {
    throw dnsErrors.error('dns.bad_name', '"@" stands for the origin in master files only: names are written in full', {
      hint: 'write shop.test',
      details: { name: text },
    });
  }
  return Name.parse(asciiName(text));
}

/** The text with its letters in ASCII (IDNA, RFC 5891). Error: `dns.bad_name`. */
export function asciiName(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  const ascii = text.includes('\\') ? '' : domainToASCII(text);
  if (ascii !== '') return ascii;
  const shown = text.slice(0, 80);
  throw dnsErrors.error('dns.bad_name', `"${shown}" is no domain name: its letters have no form in ASCII`, {
    hint: 'write octets as \\DDD, or the name as xn--…',
    details: { name: shown },
  });
}

/** As a person types it: without the dot at the end. */
export function shortName(name: Name): string {
  const text = name.toString();
  return text === '.' ? text : text.slice(0, -1);
}

/**
 * The zone that a name is put into when there is none: what is above its first label, where that is no top level domain.
 *
 *     api.shop.test ──▶ shop.test        shop.test ──▶ shop.test        _http._tcp.shop.test ──▶ shop.test
 */
export function zoneFor(name: Name): Name {
  let zone = name;
  while (zone.labelCount > 2 && (zone.isWildcard || isUnderscored(zone))) zone = zone.parent();
  return zone === name && zone.labelCount > 2 ? zone.parent() : zone;
}

/** Labels of services and of what is asked for besides hosts (RFC 8552). */
function isUnderscored(name: Name): boolean {
  return name.label(0)[0] === 0x5f;
}
