/**
 * With which keys requests are signed. The first that is there counts:
 *
 *     1. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *     2. the profile that AWS_PROFILE names, or the file that AWS_SHARED_CREDENTIALS_FILE does
 *     3. blob.credentials in $DS_HOME, which the daemon made, for an endpoint of this machine
 *     4. the default profile of ~/.aws/credentials
 *     5. the SDK's own chain, for an Amazon endpoint alone: it asks 169.254.169.254, where elsewhere nobody answers
 *     6. none: requests are not signed
 *
 * The daemon's keys come before the default profile, because a profile that is there anyway is Amazon's.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { codeOf, messageOf, whyUnreadable } from '../../../platform/errors.js';
import type { Environment } from '../../../platform/paths.js';
import { credentialsPath, parseCredentials } from '../endpoint/credentials.js';
import type { S3Endpoint } from '../endpoint/s3-url.js';
import { blobErrors } from '../errors.js';

type Credentials = NonNullable<S3ClientConfig['credentials']>;

/** Keys, or `chain` for whatever the SDK finds by itself, or `none`. */
export type Signing = Credentials | 'chain' | 'none';

export interface CredentialPlaces {
  readonly env: Environment;
  /** `$DS_HOME`. */
  readonly home: string;
}

/** Error: `blob.bad_credentials_file`. */
export async function findCredentials(endpoint: S3Endpoint, { env, home }: CredentialPlaces): Promise<Signing> {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  }
  if (env['AWS_PROFILE'] || env['AWS_SHARED_CREDENTIALS_FILE']) return profileCredentials(env);
  const own = endpoint.loopback ? await daemonCredentials(home) : undefined;
  if (own !== undefined) return own;
  if (endpoint.amazon) return 'chain';
  return (await hasDefaultProfile(env)) ? profileCredentials(env) : 'none';
}

async function daemonCredentials(home: string): Promise<Credentials | undefined> {
  const path = credentialsPath(home);
  const text = await readIfThere(path);
  const user = text === undefined ? undefined : parseCredentials(text, path)[0];
  return user && { accessKeyId: user.accessKeyId, secretAccessKey: user.secretAccessKey };
}

async function hasDefaultProfile(env: Environment): Promise<boolean> {
  const text = await readIfThere(credentialsFile(env));
  return text !== undefined && /^\[\s*default\s*\]/m.test(text);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw blobErrors.error('blob.bad_credentials_file', `${path} cannot be read: ${whyUnreadable(error)}`, {
      details: { path },
    });
  }
}

/** By the SDK's reader of profiles, which knows roles, SSO and programs that give keys. */
async function profileCredentials(env: Environment): Promise<Credentials> {
  const { fromIni } = await import('@aws-sdk/credential-provider-ini');
  const profile = env['AWS_PROFILE'] || 'default';
  const filepath = credentialsFile(env);
  const find = fromIni({
    profile,
    filepath,
    configFilepath: env['AWS_CONFIG_FILE'] || join(userHome(env), '.aws', 'config'),
    ignoreCache: true,
  });
  try {
    await find();
    return find;
  } catch (error) {
    throw blobErrors.error(
      'blob.bad_credentials_file',
      `profile ${JSON.stringify(profile)} has no credentials: ${messageOf(error)}`,
      { hint: 'AWS_PROFILE names a section of ~/.aws/credentials', details: { path: filepath }, cause: error },
    );
  }
}

function credentialsFile(env: Environment): string {
  return env['AWS_SHARED_CREDENTIALS_FILE'] || join(userHome(env), '.aws', 'credentials');
}

function userHome(env: Environment): string {
  return env['HOME'] || homedir();
}
