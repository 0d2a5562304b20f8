import { dnsOptions, loadBlock } from '../../src/blocks/dns/index.js';
import { ServeCommand, serveFlags } from '../../src/platform/cli/serve-command.js';

export default class DnsServe extends ServeCommand {
  static override summary = 'serve zones, and forward everything else through a cache';
  static override description =
    `Answers over UDP and TCP; over TLS with a certificate (--tls-cert, --tls-key), over HTTPS with --doh. Zones and records come from the
file: what ds dns zone import or ds dns record set changes there is served at once. So are the daemons of this machine, as
BLOCK.ds.test with SRV records.

With --forward a name that is in no zone here is asked for there, and the answer is kept: negative answers by RFC 2308, stale ones
by RFC 8767 while the resolver is away, what is below a name that does not exist by RFC 8020. Only this machine is forwarded for,
unless --allow-forward names others. Zones are transferred to whom --allow-transfer names, and to nobody else.

Only this machine can ask, unless --listen says otherwise; since DNS knows no passwords, that needs --insecure.

Exit codes: 0 stopped by SIGINT or SIGTERM; 2 a bad option or a taken port; 4 the store failed.`;
  static override examples = [
    { description: 'On the usual port', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In the background, with a record; then by any client',
      command: `<%= config.bin %> <%= command.id %> --detach
<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
dig @127.0.0.1 -p 1053 api.shop.test +short
<%= config.bin %> down dns`,
    },
    {
      description: 'A cache in front of a resolver that is asked over TLS, for this machine',
      command: '<%= config.bin %> <%= command.id %> --forward tls://dns.quad9.net --forward 192.0.2.53',
    },
    {
      description: 'A primary for other name servers, from a master file',
      command: `<%= config.bin %> <%= command.id %> --listen 0.0.0.0:53 --insecure --zone-file shop.test.zone \\
  --allow-transfer 192.0.2.53 --notify 192.0.2.53`,
    },
  ];
  static override flags = serveFlags('dns', dnsOptions);

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(DnsServe);
    await this.serve(await loadBlock(), flags);
  }
}
