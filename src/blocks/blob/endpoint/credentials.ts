/**
 * Credentials in the form that AWS's own tools have them (~/.aws/credentials). Every section is a user of the daemon, whose access
 * key names it, and an account of its own, unless it says whose second key it is:
 *
 *     [default]
 *     aws_access_key_id = DSAB…
 *     aws_secret_access_key = …
 *
 *     [default-new]
 *     aws_access_key_id = DSCD…
 *     aws_secret_access_key = …
 *     account = default
 */
import { join } from 'node:path';
import { blobErrors } from '../errors.js';

export interface Credential {
  /** Name of the section. */
  readonly profile: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Whose it is, where that is not the section's own. */
  readonly account?: string;
}

const MOST_USERS = 10_000;

/** What `ds blob serve` makes at its first start, and commands on this machine find. */
export function credentialsPath(home: string): string {
  return join(home, 'blob.credentials');
}

/** `file` is its name, for errors. Error: `blob.bad_credentials_file`. */
export function parseCredentials(text: string, file: string): readonly Credential[] {
  const sections = readSections(text, file);
  const users = [...sections].flatMap(([profile, values]): Credential[] => {
    const accessKeyId = values.get('aws_access_key_id');
    const secretAccessKey = values.get('aws_secret_access_key');
    if (accessKeyId === undefined && secretAccessKey === undefined) return [];
    if (!accessKeyId || !secretAccessKey) throw bad(file, `[${profile}] has only one of access key and secret`);
    if (!/^[\x21-\x2e\x30-\x7e]{3,128}$/.test(accessKeyId)) throw bad(file, `the access key of [${profile}] is none`);
    const account = values.get('account');
    if (account === '') throw bad(file, `the account of [${profile}] is empty`);
    return [{ profile, accessKeyId, secretAccessKey, ...(account !== undefined && { account }) }];
  });
  if (users.length === 0) throw bad(file, 'it has no credentials');
  if (users.length > MOST_USERS) throw bad(file, `it has more than ${MOST_USERS} users`);
  const ids = new Set<string>();
  for (const { accessKeyId, profile } of users) {
    if (ids.has(accessKeyId)) throw bad(file, `the access key of [${profile}] is another user's, too`);
    ids.add(accessKeyId);
  }
  return users;
}

/** The file of one user. */
export function formatCredentials({ profile, accessKeyId, secretAccessKey }: Credential): string {
  return `[${profile}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
}

function readSections(text: string, file: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    // Settings of a section may have settings of their own, indented (s3 =).
    if (line === '' || line.startsWith('#') || line.startsWith(';') || /^\s/.test(raw)) continue;
    const header = /^\[\s*(?:profile\s+)?([^\]]+?)\s*\]$/.exec(line)?.[1];
    if (header !== undefined) {
      current = sections.get(header) ?? new Map();
      sections.set(header, current);
      continue;
    }
    const [, name, value] = /^([\w.-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || current === undefined)
      throw bad(file, `line ${index + 1} is neither [NAME] nor name = value`);
    current.set(name.toLowerCase(), value ?? '');
  }
  return sections;
}

function bad(file: string, why: string) {
  return blobErrors.error('blob.bad_credentials_file', `${file} cannot be used: ${why}`, {
    hint: 'a section is: [NAME], aws_access_key_id = …, aws_secret_access_key = …',
    details: { path: file },
  });
}
