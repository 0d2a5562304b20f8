/**
 * What a bucket may be called: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html. The name has to do as a label
 * or labels of a host name, for the virtual-hosted style.
 */
import { blobErrors } from '../errors.js';

const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const RESERVED_STARTS = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const RESERVED_ENDS = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/** Why a bucket cannot be called so; undefined: it can. */
export function bucketNameProblem(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) return `has ${name.length} characters and not 3 to 63`;
  if (!NAME.test(name))
    return 'is not made of lower-case letters, digits, hyphens and single dots, with a letter or digit at each end';
  if (IP_ADDRESS.test(name)) return 'looks like an IP address';
  const start = RESERVED_STARTS.find((reserved) => name.startsWith(reserved));
  if (start !== undefined) return `starts with ${start}, which is reserved`;
  const end = RESERVED_ENDS.find((reserved) => name.endsWith(reserved));
  return end === undefined ? undefined : `ends with ${end}, which is reserved`;
}

/** Error: `blob.invalid_bucket_name`. */
export function checkBucketName(name: string): void {
  const problem = bucketNameProblem(name);
  if (problem === undefined) return;
  throw blobErrors.error('blob.invalid_bucket_name', `bucket name ${JSON.stringify(name.slice(0, 80))} ${problem}`, {
    hint: 'use lower-case letters, digits and hyphens: my-bucket-1',
  });
}
