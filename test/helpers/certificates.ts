/** Certificates of a test, made by openssl: `describe.skipIf(!hasPackages('openssl'))`. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.js';

export interface CertificateFiles {
  readonly folder: string;
  readonly cert: string;
  readonly key: string;
}

/** Signed by itself, for localhost and 127.0.0.1, valid for a day; `more` goes to `openssl req`. */
export function makeCertificate(...more: readonly string[]): CertificateFiles {
  return makeCertificateIn(temporaryFolder(), ...more);
}

/** The same in a folder that outlives a test. */
export function makeCertificateIn(folder: string, ...more: readonly string[]): CertificateFiles {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const kind = more.includes('-newkey') ? [] : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  openssl('req', '-x509', ...kind, '-nodes', '-days', '1', ...names, '-keyout', key, '-out', cert, ...more);
  return { folder, cert, key };
}

export function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
