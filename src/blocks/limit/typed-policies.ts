/** Policies, and requests to try them on, as they are typed. The YAML parser is loaded when there is a text. */
import { limitErrors } from './errors.js';
import type { Demand } from './limiter.js';
import type { PolicyDescription } from './policy/index.js';

/** What a policy may look at, as it is typed. */
interface TypedRequest {
  readonly path: string;
  readonly method: string;
  readonly host: string;
  /** `Name: value` */
  readonly headers: readonly string[];
  readonly client: string;
}

export interface ReadPolicies {
  readonly policies: readonly PolicyDescription[];
  /** What a request takes, of every policy that matches; empty where none does. */
  demandsOf(request: TypedRequest): Demand[];
}

/** Policies of a YAML text. Errors: `limit.bad_policy` with the line, `limit.bad_header` for a header without a colon. */
export async function readPolicies(text: string, filename: string): Promise<ReadPolicies> {
  const { demandsOf, describePolicies, parsePolicies } = await import('./policy/index.js');
  const set = parsePolicies(text, filename);
  return {
    policies: describePolicies(set),
    demandsOf({ headers, ...request }) {
      const fields = new Map(headers.map(readHeader));
      return demandsOf(set, { ...request, header: (name) => fields.get(name) });
    },
  };
}

/** `X-Api-Key: abc`; names in lower case. Error: `limit.bad_header`. */
export function readHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name.toLowerCase(), value.trimEnd()];
  throw limitErrors.error('limit.bad_header', `${JSON.stringify(text.slice(0, 64))} is not a header`, {
    hint: "write it as 'X-Api-Key: abc'",
  });
}
