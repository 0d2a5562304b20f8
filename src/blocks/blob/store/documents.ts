/** Documents of buckets: lifecycle, CORS, tags. What they say is checked by whoever hands them over. */

import { blobErrors } from '../errors.js';
import type { BucketDocument } from '../object-types.js';
import type { StoreParts } from './parts.js';

const CALLED: Readonly<Record<BucketDocument, string>> = {
  lifecycle: 'lifecycle',
  cors: 'CORS rules',
  tagging: 'tags',
};

export class Documents {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** Undefined: the bucket has none. */
  find(bucketName: string, document: BucketDocument): string | undefined {
    const { buckets, file } = this.#parts;
    const bucket = buckets.find(bucketName);
    return file.read(() =>
      file
        .statement<[number, string], { xml: string }>(
          'SELECT xml FROM bucket_document WHERE bucket_id = ? AND name = ?',
        )
        .get(bucket.id, document),
    )?.xml;
  }

  async get(bucketName: string, document: BucketDocument): Promise<string> {
    const xml = this.find(bucketName, document);
    if (xml !== undefined) return xml;
    throw blobErrors.error('blob.no_such_configuration', `bucket ${bucketName} has no ${CALLED[document]}`, {
      details: { bucket: bucketName, document },
    });
  }

  async set(bucketName: string, document: BucketDocument, xml: string | undefined): Promise<void> {
    const { buckets, file, writes } = this.#parts;
    // Free, since a lifecycle is one way out of a full disk.
    await writes.free(() => {
      const { id } = buckets.findWritable(bucketName);
      if (xml === undefined)
        file
          .statement<[number, string]>('DELETE FROM bucket_document WHERE bucket_id = ? AND name = ?')
          .run(id, document);
      else
        file
          .statement<[number, string, string]>(
            'INSERT OR REPLACE INTO bucket_document (bucket_id, name, xml) VALUES (?, ?, ?)',
          )
          .run(id, document, xml);
    });
  }
}
