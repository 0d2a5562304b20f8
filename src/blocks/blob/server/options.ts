/** What `ds blob serve` and the `blob` section of ds.yaml can say. */
import type { Checked, OptionSchema } from '../../../platform/config/options.js';
import { unguardedOptions } from '../../../platform/daemon/shared-options.js';

const DEFAULT_ADMIN = '127.0.0.1:9096';

const shared = unguardedOptions(DEFAULT_ADMIN);

export const blobOptions = {
  listen: {
    kind: 'address',
    default: '127.0.0.1:9000',
    about: 'the S3 REST API, over HTTP; over TLS with a certificate',
  },
  credentialsFile: {
    kind: 'path',
    about:
      'file of access keys as ~/.aws/credentials has them, each section an account of its own, or with account = NAME a further key of that one; $DS_HOME/blob.credentials, made at the first start, without it',
  },
  anonymous: { kind: 'switch', default: false, about: 'ask nobody for a signature' },
  tlsCert: { kind: 'path', about: 'PEM file of the certificate and its chain: then only TLS is served' },
  tlsKey: { kind: 'path', about: 'PEM file of the private key', onlyWith: 'tlsCert' },
  region: { kind: 'text', value: 'REGION', about: 'region that clients sign for; us-east-1 without it' },
  domain: {
    kind: 'texts',
    value: 'DOMAIN',
    about: 'BUCKET.DOMAIN in the Host header names a bucket, besides BUCKET.localhost',
  },
  strict: {
    kind: 'switch',
    default: false,
    about:
      "check checksums that a presigned URL has in its query, which today's SDKs put there before they know the body",
  },
  gcInterval: {
    kind: 'duration',
    default: '10m',
    about: 'how often space that nothing uses is given back; 0 for never',
  },
  gcGrace: { kind: 'duration', default: '15m', about: 'how long content that nothing refers to is kept' },
  lifecycleInterval: {
    kind: 'duration',
    default: '1h',
    about: 'how often the lifecycle rules of buckets are executed; 0 for never',
  },
  ...shared,
  insecure: {
    ...shared.insecure,
    about: 'with --anonymous: accept other machines, none of which is asked for anything',
  },
} as const satisfies OptionSchema;

export type BlobOptions = Checked<typeof blobOptions>;

export const DEFAULT_REGION = 'us-east-1';
/** A host below it names a bucket on every machine: it never leaves this one (RFC 6761, section 6.3). */
export const DEFAULT_DOMAIN = 'localhost';
