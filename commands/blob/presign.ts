import { blobUrl, loadPresign, readPlace } from '../../src/blocks/blob/index.js';
import { Args, DsCommand, durationFlag, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { isoTime } from '../../src/platform/relative-time.js';

export default class BlobPresign extends DsCommand {
  static override summary = 'print a URL that lets others read, write or delete one object for some time';
  static override description =
    `It is signed here with the credentials for --url, and the server is not asked: whether the object is there is seen when somebody uses the URL. Who has
it needs no credentials. At most a week, as S3 has it; a server whose credentials change forgets it before.

Credentials are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile of AWS_PROFILE, or for a daemon of this machine its
blob.credentials in DS_HOME.

A terminal and pipes get the URL. --json: {url, method, expires_at}.

Exit codes: 0 done; 2 bad input, or a file of credentials cannot be read; 3 there are no credentials.`;
  static override examples = [
    {
      description: 'To read, for an hour',
      command: `export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
<%= config.bin %> <%= command.id %> photos/hello.txt --url s3+https://s3.example.com`,
    },
    {
      description: 'To write, for five minutes, on Amazon',
      command: `export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
<%= config.bin %> <%= command.id %> photos/new.txt --method PUT --expires 5m --url https://s3.eu-central-1.amazonaws.com`,
    },
    {
      description: 'Until when?',
      command: `export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
<%= config.bin %> <%= command.id %> photos/hello.txt --url s3+http://127.0.0.1:9000 --json`,
    },
  ];
  static override args = { place: Args.string({ required: true, description: 'BUCKET/KEY' }) };
  static override flags = {
    ...targetFlags('blob'),
    method: Flags.option({
      options: ['GET', 'PUT', 'HEAD', 'DELETE'] as const,
      default: 'GET',
      description: 'what it lets others do',
    })(),
    expires: durationFlag({
      default: 3_600_000,
      min: 1_000,
      max: 604_800_000,
      description: 'for how long, in whole seconds',
    }),
    'version-id': Flags.string({ helpValue: 'ID', description: 'this version' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobPresign);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    if (target.kind === 'file') {
      throw cliErrors.error('usage.missing', 'missing --url: a URL leads to a server, and not to a file', {
        hint: `start one: ds blob serve, then: ds blob presign ${args.place} --url ${blobUrl}`,
      });
    }
    const place = readPlace(args.place, flags['version-id']);
    const expiresSeconds = Math.floor(flags.expires / 1000);
    const { method } = flags;
    const { presignUrl } = await loadPresign();
    const expiresAt = this.context.clock.now() + expiresSeconds * 1000;
    const url = await presignUrl(target.url, { method, place, expiresSeconds }, this.context);
    this.out.document({ url, method, expires_at: isoTime(expiresAt) }, () => this.out.line(url));
  }
}
