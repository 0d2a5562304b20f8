import { type ExplainedRequest, loadExplain } from '../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { readInput } from '../../src/platform/cli/input.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

/** Characters of a canonical request; no request that can be sent has as many. */
const LONGEST_TEXT = 65_536;

type Line = NonNullable<ExplainedRequest['explanation']>['lines'][number];

const SIGNS = { both: ' ', server: '-', client: '+' } as const;

export default class BlobExplain extends DsCommand {
  static override summary = 'say why a request to ds blob serve was refused, and where its signature differs';
  static override description =
    `The identifier is in the answer: x-amz-request-id, or RequestId in the document. The last 1,000 refused requests are on record in
the daemon's file, without anything that one could sign or send again with.

Shown is the canonical request that the server computed. With the one that the client computed, from its debug log
(--canonical-request; its string to sign will do), the two are compared by lines: - is the server's, + the client's. Without it, what
clients usually get wrong is tried until one variant gives the client's signature; the access keys of the daemon are needed for
that: blob.credentials in DS_HOME, or --credentials-file.

Pipes get the same lines. --json: {request_id, at, code, message, method, path, access_key_id, verdict, finding, lines: [{mark, text}]};
mark is both, server or client; verdict is differs, found, secret, right or untried, and absent of a request without a signature.

Exit codes: 0 done; 1 no refused request of this identifier is on record; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'Why was it refused?',
      command: `<%= config.bin %> blob bucket create photos
<%= config.bin %> blob serve --listen 127.0.0.1:9010 --admin off --detach
id=$(curl -s http://127.0.0.1:9010/photos | sed 's/.*<RequestId>\\(.*\\)<.RequestId>.*/\\1/' | tail -n 1)
<%= config.bin %> <%= command.id %> "$id"`,
    },
    {
      description: 'Compared with what the client has in its debug log',
      command: `curl -s http://127.0.0.1:9010/photos | sed 's/.*<RequestId>\\(.*\\)<.RequestId>.*/\\1/' | tail -n 1 > request.id
printf 'GET\\n/photos\\n\\nhost:127.0.0.1:9010\\n\\nhost\\nUNSIGNED-PAYLOAD' > theirs.txt
<%= config.bin %> <%= command.id %> "$(cat request.id)" --canonical-request theirs.txt`,
    },
    {
      description: 'For a program',
      command: '<%= config.bin %> <%= command.id %> "$(cat request.id)" --json\n<%= config.bin %> down blob',
    },
  ];
  static override args = { request: Args.string({ required: true, description: 'identifier of the request' }) };
  static override flags = {
    ...fileFlags('blob', 'refused requests are on record where the daemon is'),
    'canonical-request': Flags.string({
      helpValue: 'FILE|-',
      description: "the client's canonical request, or its string to sign",
    }),
    'credentials-file': Flags.string({ helpValue: 'PATH', description: 'access keys, as ds blob serve has them' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobExplain);
    const { explainRequest } = await loadExplain();
    const theirsFile = flags['canonical-request'];
    const explained = await explainRequest({
      path: resolveFile(flags, 'blob', this.context),
      requestId: args.request.trim(),
      home: this.context.home,
      credentialsFile: flags['credentials-file'],
      theirs: theirsFile === undefined ? undefined : await readInput(theirsFile, LONGEST_TEXT),
      clock: this.context.clock,
    });
    this.out.document(toJson(explained), () => this.show(explained));
  }

  private show({ refusal, explanation }: ExplainedRequest): void {
    const { code, message, method, path, at, evidence } = refusal;
    const when = this.out.isTerminal ? relativeTime(at, this.context.clock.now()) : isoTime(at);
    this.out.styled(['red', code], `  ${message}`);
    const who = evidence === undefined ? '' : `, access key ${evidence.accessKeyId}`;
    this.out.line(`${method} ${path}, ${when}${who}`, 'dim');
    if (explanation === undefined) return;
    this.out.styled(['bold', explanation.message]);
    for (const line of explanation.lines) this.showLine(line);
  }

  private showLine({ mark, text }: Line): void {
    const line = `${SIGNS[mark]} ${text}`;
    if (mark === 'both') this.out.line(line);
    else this.out.line(line, mark === 'server' ? 'red' : 'green');
  }
}

function toJson({ refusal, explanation }: ExplainedRequest) {
  const { requestId, at, code, message, method, path, evidence } = refusal;
  return {
    request_id: requestId,
    at: isoTime(at),
    ...{ code, message, method, path },
    ...(evidence && { access_key_id: evidence.accessKeyId }),
    ...(explanation && { verdict: explanation.verdict, finding: explanation.message, lines: explanation.lines }),
  };
}
