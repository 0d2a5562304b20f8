/**
 * Policies: which limits apply to a request, and by what its requests are told apart. All policies that match apply, and
 * all their limits are taken, or none.
 */
import type { AlgorithmName, Limit } from '../limit.js';

/** Bytes of a policy file, or of a text of policies: 1 MiB. A policy is text for people. */
export const MOST_POLICY_BYTES = 1024 * 1024;

/** What a policy may look at. */
export interface PolicyRequest {
  readonly method: string;
  /** As in the request line: with the query, which is not looked at, or an absolute URL. */
  readonly path: string;
  /** The authority, with or without a port. */
  readonly host: string;
  /** A header field by lower-case name. */
  header(name: string): string | undefined;
  /** The client's address, from client-address.ts. Not an address: the key has none. */
  readonly client: string;
}

/** By what requests of a policy are counted apart. */
export type KeyPart =
  | { readonly kind: 'client' | 'path' | 'method' | 'host' }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

export interface PolicyLimit {
  readonly name: string;
  /** `<policy>/<name>`: scope of its demands, and its name in RateLimit fields. */
  readonly scope: string;
  readonly limit: Limit;
  /** What one request takes. */
  readonly cost: number;
}

/** What a request must be for the policy to apply; absent parts do not matter. Of each list one must fit. */
export interface PolicyMatch {
  readonly path?: readonly string[];
  readonly method?: readonly string[];
  readonly host?: readonly string[];
  readonly header?: Readonly<Record<string, readonly string[]>>;
}

export interface Policy {
  readonly name: string;
  readonly match: PolicyMatch;
  /** Empty: all requests share one key. */
  readonly key: readonly KeyPart[];
  /** Clients of one network are one client. Bits. */
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
  readonly limits: readonly PolicyLimit[];
  /** Judged and counted, never refusing. */
  readonly shadow: boolean;
  /** Whether the policy applies. */
  applies(request: NormalRequest): boolean;
}

/** A request as policies compare it (normalize.ts). */
export interface NormalRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  header(name: string): string | undefined;
  readonly client: string;
}

export interface PolicySet {
  readonly policies: readonly Policy[];
  /** By scope, for refunds. */
  readonly limits: ReadonlyMap<string, PolicyLimit>;
}

/** One policy as plain data, for `ds limit policy show`. */
export interface PolicyDescription {
  readonly name: string;
  readonly match: PolicyMatch;
  /** As the file has it: `client`, `header:x-api-key`. */
  readonly key: readonly string[];
  readonly ipv4_prefix: number;
  readonly ipv6_prefix: number;
  readonly shadow: boolean;
  readonly limits: readonly {
    readonly name: string;
    readonly scope: string;
    readonly rate: string;
    readonly burst: number;
    readonly algorithm: AlgorithmName;
    readonly cost: number;
  }[];
}
