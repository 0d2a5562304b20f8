import { blobOptions, loadBlock } from '../../src/blocks/blob/index.js';
import { ServeCommand, serveFlags } from '../../src/platform/cli/serve-command.js';

export default class BlobServe extends ServeCommand {
  static override summary = 'serve the buckets by the S3 REST API';
  static override description =
    `Any S3 client can use it: the AWS SDKs and awscli, rclone, restic, s3cmd, mc. What it has acknowledged is on disk; what S3 has and
ds blob has not is refused with NotImplemented.

Clients sign with an access key (Signature Version 4). The file of them has the form of ~/.aws/credentials, each section an
account with buckets and objects of its own, or with account = NAME a further key of the account of that section. Without --credentials-file
it is blob.credentials in DS_HOME, made at the first start, where commands with --url on this machine find it:

  AWS_SHARED_CREDENTIALS_FILE=~/.local/share/ds/blob.credentials aws --endpoint-url http://127.0.0.1:9000 s3 ls

With --anonymous nobody has to sign; other machines are then accepted only with --insecure. Buckets are named by the path, or by the host:
BUCKET.localhost, and BUCKET.DOMAIN with --domain. Over TLS, ds blob and Node trust a certificate of your own by
NODE_EXTRA_CA_CERTS=cert.pem, others by AWS_CA_BUNDLE or SSL_CERT_FILE. For a request that was refused, ds blob explain REQUEST-ID says why.

Exit codes: 0 stopped by SIGINT or SIGTERM; 2 a bad option, a taken port or unusable credentials; 4 the store failed.`;
  static override examples = [
    { description: 'On the usual port', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In the background, for whoever has an account on this machine',
      command: `<%= config.bin %> <%= command.id %> --anonymous --detach
curl -X PUT http://127.0.0.1:9000/photos
curl -T cat.jpg http://127.0.0.1:9000/photos/cat.jpg
<%= config.bin %> down blob`,
    },
    {
      description: 'For other machines, over TLS, each with a key of its own',
      command: `<%= config.bin %> <%= command.id %> --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem \\
  --credentials-file users.ini --domain s3.example.com`,
    },
  ];
  static override flags = serveFlags('blob', blobOptions);

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(BlobServe);
    await this.serve(await loadBlock(), flags);
  }
}
