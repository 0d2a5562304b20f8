/**
 * The certificate and the private key of a TLS port, checked when the daemon starts: at the first handshake, OpenSSL would
 * say much less about what is wrong with them.
 *
 *     cert.pem   the server's own certificate, then those that lead to a root which clients know (RFC 8446, section 4.4.2)
 *     key.pem    the private key of the first one, in PEM of any form (PKCS#8, SEC 1, PKCS#1), not encrypted
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { DsError, messageOf, whyUnreadable } from '../errors.js';
import { daemonErrors } from './errors.js';

/** As the options `tlsCert` and `tlsKey` give them. */
interface TlsPaths {
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface TlsFiles {
  /** PEM. */
  readonly cert: Buffer;
  /** PEM. */
  readonly key: Buffer;
  readonly warnings: readonly TlsWarning[];
}

/** What does not keep a port from being opened, and should be known all the same. */
interface TlsWarning {
  readonly kind: 'expired' | 'not_yet_valid' | 'key_exposed';
  readonly file: string;
  /** For people: `the certificate expired on 2026-01-31T12:00:00.000Z`. */
  readonly text: string;
}

/** Bytes; a chain with a few certificates has some 10 KiB, and a longer file is most likely the wrong one. */
const LARGEST_FILE = 256 * 1024;
const GROUP_MAY_READ = 0o040;
const OTHERS_MAY_READ = 0o004;
/** The textual encoding of RFC 7468, section 2. */
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
/** PKCS#8 (RFC 7468, section 11) and the header of older forms (RFC 1421, section 4.6.1.1). */
const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m;

/**
 * Undefined where neither file is named. `nowMs` is the wall clock, for the dates of the certificates.
 * Errors: `tls.incomplete`, `tls.unreadable`, `tls.bad_certificate`, `tls.bad_key`, `tls.mismatch`.
 */
export async function readTlsFiles({ cert, key }: TlsPaths, nowMs: number): Promise<TlsFiles | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (key === undefined) throw incomplete('--tls-cert', cert, '--tls-key');
  if (cert === undefined) throw incomplete('--tls-key', key, '--tls-cert');
  const certFile = await readPem(cert);
  const keyFile = await readPem(key);
  const chain = readChain(cert, certFile.content);
  checkPair(chain, readKey(key, keyFile.content), { cert, key });
  checkUsable(certFile.content, keyFile.content, { cert, key });
  const exposed: TlsWarning = { kind: 'key_exposed', file: key, text: 'other users can read the private key' };
  return {
    cert: certFile.content,
    key: keyFile.content,
    warnings: [
      ...chain.flatMap((one, index) => datesOf(one, index, cert, nowMs)),
      ...(keyFile.exposed ? [exposed] : []),
    ],
  };
}

function incomplete(given: string, file: string | undefined, missing: string): DsError {
  return daemonErrors.error('tls.incomplete', `${given} ${file} is of no use without ${missing}`, {
    hint: `add ${missing} FILE`,
  });
}

interface PemFile {
  readonly content: Buffer;
  /** Other users of this machine can read it. */
  readonly exposed: boolean;
}

async function readPem(path: string): Promise<PemFile> {
  const unreadable = (reason: string, cause?: unknown) =>
    daemonErrors.error('tls.unreadable', `${path} cannot be read: ${reason}`, { details: { path }, cause });
  try {
    const { size, mode, uid } = await stat(path);
    if (size > LARGEST_FILE) throw unreadable(`it is longer than ${LARGEST_FILE} bytes`);
    // A file of root whose group may read it is how distributions share keys with daemons (Debian's ssl-cert).
    const tooOpen = uid === 0 ? OTHERS_MAY_READ : OTHERS_MAY_READ | GROUP_MAY_READ;
    return { content: await readFile(path), exposed: (mode & tooOpen) !== 0 };
  } catch (error) {
    if (error instanceof DsError) throw error;
    throw unreadable(whyUnreadable(error), error);
  }
}

/** The certificates of the file, the server's own first. */
function readChain(path: string, content: Buffer): X509Certificate[] {
  const refuse = (reason: string, cause?: unknown) =>
    daemonErrors.error('tls.bad_certificate', `${path} holds no usable certificate: ${reason}`, {
      hint: 'it is PEM, and begins with the certificate of this server: -----BEGIN CERTIFICATE-----',
      details: { path },
      cause,
    });
  const blocks = [...content.toString('latin1').matchAll(PEM_BLOCK)];
  const certificates = blocks.filter(([, label]) => label === 'CERTIFICATE');
  if (certificates.length === 0) throw refuse(whatElse(blocks));
  return certificates.map(([text], index) => {
    try {
      return new X509Certificate(text);
    } catch (cause) {
      throw refuse(`number ${index + 1} in it cannot be decoded`, cause);
    }
  });
}

function readKey(path: string, content: Buffer): KeyObject {
  const refuse = (reason: string, hint: string, cause?: unknown) =>
    daemonErrors.error('tls.bad_key', `${path} holds no usable private key: ${reason}`, {
      hint,
      details: { path },
      cause,
    });
  const blocks = [...content.toString('latin1').matchAll(PEM_BLOCK)];
  const [block] = blocks.find(([, label]) => label?.endsWith('PRIVATE KEY')) ?? [];
  const wanted = 'it is PEM: -----BEGIN PRIVATE KEY-----';
  if (block === undefined) throw refuse(whatElse(blocks), wanted);
  if (ENCRYPTED.test(block)) {
    throw refuse('it is encrypted', `(umask 077; openssl pkey -in ${path} -out ${path}.plain)`);
  }
  try {
    return createPrivateKey(content);
  } catch (cause) {
    throw refuse('it cannot be decoded', wanted, cause);
  }
}

/** What a file without the PEM block that is looked for has instead. */
function whatElse(blocks: readonly RegExpMatchArray[]): string {
  const [label] = blocks.map((block) => block[1]);
  return label === undefined ? 'it is not PEM' : `it has a ${label.toLowerCase()}`;
}

function checkPair(chain: readonly X509Certificate[], privateKey: KeyObject, { cert, key }: Files): void {
  if (chain[0]?.checkPrivateKey(privateKey)) return;
  const place = chain.findIndex((certificate) => certificate.checkPrivateKey(privateKey));
  throw daemonErrors.error('tls.mismatch', `${key} is not the key of the certificate in ${cert}`, {
    hint:
      place === -1
        ? `these must print the same: openssl x509 -noout -pubkey -in ${cert}; openssl pkey -pubout -in ${key}`
        : `it is the key of certificate number ${place + 1} in it, which has to come first`,
    details: { cert, key },
  });
}

interface Files {
  readonly cert: string;
  readonly key: string;
}

/** What OpenSSL refuses whatever the pair: an RSA key of 512 bits, a signature by MD5. */
function checkUsable(content: Buffer, privateKey: Buffer, { cert }: Files): void {
  try {
    createSecureContext({ cert: content, key: privateKey });
  } catch (cause) {
    const reason = messageOf(cause).replace(/^error:[^:]*:[^:]*:[^:]*:/, '');
    throw daemonErrors.error('tls.bad_certificate', `${cert} cannot be used: ${reason}`, {
      hint: `openssl x509 -noout -text -in ${cert}`,
      details: { path: cert },
      cause,
    });
  }
}

/** RFC 5280, section 4.1.2.5: both ends of the period are part of it. */
function datesOf({ validFrom, validTo }: X509Certificate, index: number, file: string, nowMs: number): TlsWarning[] {
  const which = index === 0 ? 'the certificate' : `certificate number ${index + 1}`;
  const warn = (kind: TlsWarning['kind'], text: string, at: number): TlsWarning[] => [
    { kind, file, text: `${which} ${text} ${new Date(at).toISOString()}` },
  ];
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (nowMs < from) return warn('not_yet_valid', 'is not valid before', from);
  // The second that it names is the last one.
  return nowMs >= to + 1000 ? warn('expired', 'expired on', to) : [];
}
