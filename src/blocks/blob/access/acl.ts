/**
 * Access control lists: who is granted what. They are stored as JSON, short:
 *
 *     [["*","READ"],["=","FULL_CONTROL"]]
 *
 *     =       whoever owns the bucket or the object
 *     *       everybody, with a signature or without (AllUsers)
 *     +       everybody with a signature (AuthenticatedUsers)
 *     @NAME   an account
 *
 * No list is that of what is private. An owner may do everything with what is theirs, whatever the list says: nobody can lock
 * themselves out.
 */
import type { Requester } from './accounts.js';

export const PERMISSIONS = ['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP', 'FULL_CONTROL'] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const THE_OWNER = '=';
export const ALL_USERS = '*';
export const AUTHENTICATED_USERS = '+';
export type Grantee = typeof THE_OWNER | typeof ALL_USERS | typeof AUTHENTICATED_USERS | `@${string}`;

export type Grant = readonly [grantee: Grantee, permission: Permission];
export type Acl = readonly Grant[];

/** S3 takes no more of them. */
export const MOST_GRANTS = 100;

/** Whose something is, and to whom it is open. */
export interface Grants {
  /** Name of an account; absent: the store's owner. */
  readonly owner?: string | undefined;
  /** Absent: private. */
  readonly acl?: Acl | undefined;
}

/** The list of what is private, written out. */
export const PRIVATE: Acl = [[THE_OWNER, 'FULL_CONTROL']];

/** May somebody do this with something? */
export interface Question {
  /** The account that owns it. */
  readonly owner: string;
  readonly acl: Acl | undefined;
  readonly permission: Permission;
  /** Grants to groups do not count (IgnorePublicAcls). */
  readonly ignoresPublic?: boolean;
}

/** Whether the requester may: everything where nobody is asked who he is, or it is theirs; else what the list grants. */
export function allows({ account, isUnrestricted }: Requester, question: Question): boolean {
  const { owner, acl = [], permission, ignoresPublic = false } = question;
  if (isUnrestricted || account === owner) return true;
  return acl.some(([grantee, granted]) => {
    if (granted !== permission && granted !== 'FULL_CONTROL') return false;
    if (isGroup(grantee)) return !ignoresPublic && (grantee === ALL_USERS || account !== undefined);
    return account !== undefined && grantee === `@${account}`;
  });
}

/** Whether it grants anything to people who are not named; S3 takes those who have signed for such, too. */
export function isPublic(acl: Acl | undefined): boolean {
  return acl?.some(([grantee]) => isGroup(grantee)) ?? false;
}

/** Whether anybody but the owner has a grant. */
export function isShared(acl: Acl | undefined): boolean {
  return acl?.some(([grantee]) => grantee !== THE_OWNER) ?? false;
}

/** As it is stored: with the owner as such, each grant once, and no list where it is the private one. */
export function normalAcl(acl: Acl, owner: string): Acl | undefined {
  const found = new Map<string, Grant>();
  for (const [grantee, permission] of acl) {
    const kept = grantee === `@${owner}` ? THE_OWNER : grantee;
    found.set(`${permission} ${kept}`, [kept, permission]);
  }
  const grants = [...found.values()];
  const [first] = grants;
  const isPrivate = grants.length === 1 && first?.[0] === THE_OWNER && first[1] === 'FULL_CONTROL';
  return isPrivate ? undefined : grants;
}

/** Whether they grant the same; the order of grants says nothing. */
export function sameAcl(one: Acl | undefined, other: Acl | undefined): boolean {
  const sorted = (acl: Acl = PRIVATE) => acl.map((grant) => grant.join(' ')).sort();
  return sorted(one).join('\n') === sorted(other).join('\n');
}

function isGroup(grantee: Grantee): boolean {
  return grantee === ALL_USERS || grantee === AUTHENTICATED_USERS;
}
