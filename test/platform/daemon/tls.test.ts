import { appendFileSync, chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTlsFiles } from '../../../src/platform/daemon/tls.js';
import { makeCertificate, openssl } from '../../helpers/certificates.js';
import { hasPackages } from '../../helpers/programs.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const DAY_MS = 86_400_000;
/** While the certificates of these tests are valid, which are made for a day. */
const now = () => Date.now() + 60_000;

function written(content: string): string {
  const path = join(temporaryFolder(), 'file.pem');
  writeFileSync(path, content);
  return path;
}

test('no files are no TLS, and one of the two is refused with the other flag', async () => {
  expect(await readTlsFiles({ cert: undefined, key: undefined }, now())).toBeUndefined();
  await expect(readTlsFiles({ cert: 'a.pem', key: undefined }, now())).rejects.toMatchObject({
    code: 'tls.incomplete',
    kind: 'usage',
    message: '--tls-cert a.pem is of no use without --tls-key',
    hint: 'add --tls-key FILE',
  });
  await expect(readTlsFiles({ cert: undefined, key: 'b.pem' }, now())).rejects.toMatchObject({
    code: 'tls.incomplete',
    message: '--tls-key b.pem is of no use without --tls-cert',
  });
});

describe.skipIf(!hasPackages('openssl'))('a certificate and its key', () => {
  test.each([
    ['EC', []],
    ['RSA', ['-newkey', 'rsa:2048']],
    ['Ed25519', ['-newkey', 'ed25519']],
  ])('of %s are read as they are', async (_, options) => {
    const { cert, key } = makeCertificate(...options);
    const files = await readTlsFiles({ cert, key }, now());
    expect(files).toEqual({ cert: readFileSync(cert), key: readFileSync(key), warnings: [] });
  });

  test('may have other forms of PEM, text around the blocks, and a chain', async () => {
    const { folder, cert, key } = makeCertificate();
    const traditional = join(folder, 'sec1.pem');
    openssl('ec', '-in', key, '-out', traditional);
    chmodSync(traditional, 0o600);
    writeFileSync(cert, `subject=localhost\n${readFileSync(cert)}\n${readFileSync(makeCertificate().cert)}`);
    expect(await readTlsFiles({ cert, key: traditional }, now())).toMatchObject({ warnings: [] });
  });

  test('that do not belong together are refused, with what shows it', async () => {
    const [first, second] = [makeCertificate(), makeCertificate()];
    await expect(readTlsFiles({ cert: first.cert, key: second.key }, now())).rejects.toMatchObject({
      code: 'tls.mismatch',
      message: `${second.key} is not the key of the certificate in ${first.cert}`,
      hint: expect.stringContaining(`openssl pkey -pubout -in ${second.key}`),
    });
    appendFileSync(first.cert, readFileSync(second.cert));
    await expect(readTlsFiles({ cert: first.cert, key: second.key }, now())).rejects.toMatchObject({
      code: 'tls.mismatch',
      hint: 'it is the key of certificate number 2 in it, which has to come first',
    });
  });

  test('in place of each other are told apart', async () => {
    const { cert, key } = makeCertificate();
    await expect(readTlsFiles({ cert: key, key: cert }, now())).rejects.toMatchObject({
      code: 'tls.bad_certificate',
      message: `${key} holds no usable certificate: it has a private key`,
    });
    await expect(readTlsFiles({ cert, key: cert }, now())).rejects.toMatchObject({
      code: 'tls.bad_key',
      message: `${cert} holds no usable private key: it has a certificate`,
    });
  });

  test('an encrypted key is refused, with the command that decrypts it', async () => {
    const { folder, cert, key } = makeCertificate();
    const encrypted = join(folder, 'encrypted.pem');
    for (const form of [
      ['pkcs8', '-topk8'],
      ['ec', '-aes128'],
    ]) {
      openssl(...form, '-in', key, '-out', encrypted, '-passout', 'pass:sesame');
      await expect(readTlsFiles({ cert, key: encrypted }, now())).rejects.toMatchObject({
        code: 'tls.bad_key',
        message: expect.stringContaining('it is encrypted'),
        hint: expect.stringContaining(`openssl pkey -in ${encrypted}`),
      });
    }
  });

  test('a key that OpenSSL finds too small is refused by its reason', async () => {
    const { cert, key } = makeCertificate('-newkey', 'rsa:512');
    await expect(readTlsFiles({ cert, key }, now())).rejects.toMatchObject({
      code: 'tls.bad_certificate',
      message: `${cert} cannot be used: ee key too small`,
    });
  });

  test('damaged or in another encoding are refused', async () => {
    const { folder, cert, key } = makeCertificate();
    const der = join(folder, 'cert.der');
    openssl('x509', '-in', cert, '-outform', 'der', '-out', der);
    const damaged = (path: string) => written(readFileSync(path, 'utf8').replace(/\n[^-\n]+\n/, '\nAAAA\n'));
    for (const bad of [der, written(''), written('hello'), damaged(cert)]) {
      await expect(readTlsFiles({ cert: bad, key }, now())).rejects.toMatchObject({
        code: 'tls.bad_certificate',
        details: { path: bad },
      });
    }
    for (const bad of [written(''), written('hello'), damaged(key)]) {
      await expect(readTlsFiles({ cert, key: bad }, now())).rejects.toMatchObject({ code: 'tls.bad_key' });
    }
  });

  test('that cannot be read are refused with the reason', async () => {
    const { folder, cert, key } = makeCertificate();
    const missing = join(folder, 'none.pem');
    await expect(readTlsFiles({ cert, key: missing }, now())).rejects.toMatchObject({
      code: 'tls.unreadable',
      message: `${missing} cannot be read: there is no such file`,
    });
    await expect(readTlsFiles({ cert: folder, key }, now())).rejects.toMatchObject({ code: 'tls.unreadable' });
    truncateSync(cert, 10 * 1024 * 1024);
    await expect(readTlsFiles({ cert, key }, now())).rejects.toMatchObject({
      code: 'tls.unreadable',
      message: expect.stringContaining('longer'),
    });
  });

  test('out of date are used with a warning', async () => {
    const { cert, key } = makeCertificate();
    const warningsAt = async (ms: number) => (await readTlsFiles({ cert, key }, ms))?.warnings;
    expect(await warningsAt(now() + 2 * DAY_MS)).toEqual([
      { kind: 'expired', file: cert, text: expect.stringMatching(/^the certificate expired on 2\d{3}-.*\.000Z$/) },
    ]);
    expect(await warningsAt(now() - 2 * DAY_MS)).toMatchObject([
      { kind: 'not_yet_valid', text: expect.stringContaining('the certificate is not valid before 2') },
    ]);
    appendFileSync(cert, readFileSync(cert));
    expect(await warningsAt(now() + 2 * DAY_MS)).toMatchObject([
      { text: expect.stringMatching(/^the certificate /) },
      { text: expect.stringMatching(/^certificate number 2 /) },
    ]);
  });

  test('a key that others can read is used with a warning', async () => {
    const { cert, key } = makeCertificate();
    const exposure = async (mode: number) => {
      chmodSync(key, mode);
      return (await readTlsFiles({ cert, key }, now()))?.warnings;
    };
    expect(await exposure(0o600)).toEqual([]);
    expect(await exposure(0o604)).toEqual([
      { kind: 'key_exposed', file: key, text: 'other users can read the private key' },
    ]);
    // Its group may, where the file is root's.
    expect(await exposure(0o640)).toHaveLength(process.getuid?.() === 0 ? 0 : 1);
  });
});
