/** The door to policies: from YAML to demands. No files are read here, and nothing is asked of the network. */
export { demandsOf } from './demands.js';
export { describePolicies } from './describe.js';
export { parsePolicies } from './parse.js';
export { MOST_POLICY_BYTES, type PolicyDescription, type PolicyRequest, type PolicySet } from './policy.js';
