/** What the checks of a zone can find, and how much it matters. */
import type { Name } from '../../name.js';
import type { ZoneProblem } from '../problem.js';

/**
 * By code. «Refuses» and «tells» are what BIND 9.18, NSD 4.6, Knot 3.2 and PowerDNS 4.7 were seen to do; a zone is refused
 * here where most of those who look at it do, or an RFC has no other way.
 */
const severities = {
  /** All refuse. */
  soa_missing: 'error',
  /** BIND and NSD refuse. */
  soa_multiple: 'error',
  /** BIND and NSD refuse. */
  soa_below_apex: 'error',
  /** BIND and PowerDNS refuse, Knot tells (RFC 1035, section 5.2). */
  ns_missing: 'error',
  /** All refuse (RFC 1034, section 3.6.2). */
  cname_and_other_data: 'error',
  /** All refuse. */
  cname_multiple: 'error',
  /** BIND, Knot and NSD refuse (RFC 6672, section 2.4). */
  dname_multiple: 'error',
  /** Knot and NSD refuse: «must not exist» (RFC 6672, section 2.4). */
  below_dname: 'error',
  /** Knot refuses, PowerDNS tells (RFC 6672, section 2.3). */
  dname_and_ns: 'warning',
  /** PowerDNS tells. */
  occluded: 'warning',
  /** BIND and Knot tell. */
  glue_missing: 'warning',
  /** BIND tells, and refuses it of the zone's own name servers; of name servers Knot tells, too. */
  target_without_address: 'warning',
  /** The same. */
  target_is_alias: 'warning',
  /** BIND tells. */
  target_is_address: 'warning',
  /** BIND refuses (RFC 4592, section 4.2). */
  wildcard_ns: 'warning',
  /** No one tells; its expansion is undefined (RFC 6672, section 3.3). */
  wildcard_dname: 'warning',
  /** BIND tells: the asterisk is no wildcard there (RFC 4592, section 2.1.1). */
  wildcard_inside: 'warning',
  /** BIND refuses: it belongs to the zone above (RFC 4035, section 2.4). */
  ds_at_apex: 'warning',
  /** No one tells; it is never used (RFC 4035, section 2.4). */
  ds_without_delegation: 'warning',
  /** BIND and PowerDNS tell (RFC 1123, section 2.1). */
  no_host_name: 'warning',
  /** No one tells. */
  cname_target_missing: 'warning',
  /** No one tells. */
  cname_loop: 'warning',
  /** No one tells: `www.example.com.example.com.` is a dot forgotten. */
  origin_twice: 'warning',
  /** No one tells: a mailbox is written with a dot for its @ (RFC 1035, section 8). */
  mailbox_with_at: 'warning',
} as const satisfies Readonly<Record<string, ZoneProblem['severity']>>;

export type FindingCode = keyof typeof severities;

/** Notes a finding. */
export type Tell = (code: FindingCode, name: Name, message: string) => void;

export function finding(code: FindingCode, name: Name, message: string): ZoneProblem {
  return { severity: severities[code], code, name, message };
}
