import { FILE_ONLY, loadTargets } from '../../../src/blocks/dns/index.js';
import {
  Args,
  countFlag,
  DsCommand,
  durationFlag,
  Flags,
  fileFlags,
  quoteForShell,
  resolveFile,
} from '../../../src/platform/cli/command.js';

const RULES = 'RULES';

export default class DnsTargetSet extends DsCommand {
  static override strict = false;
  static override summary = 'have a record given out only while its target is well';
  static override description =
    `Adds the record to its zone where it is not there yet, and says how its target is checked. ds dns serve then gives out those of a
name that are well, those of the lowest tier only, in random order by weight. Targets that failed come back after --rise checks
and the hold-down; when none is well, all are given out. Secondaries and transfers have every record.

Checks: tcp:80, http:8080/healthz, https:443/, to the target's address or tcp://10.0.0.9:80 to another; command:CMD, which the daemon
runs by /bin/sh with DS_ADDRESS and DS_PORT, and which has to exit with 0. A target without a check counts as well.

What is not said stays as it was. Pipes get name, type and target, between tabs; --json: {name, type, target, zone, serial, created,
tier, weight, check}.

Exit codes: 0 done; 1 no zone here holds the name; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'Two servers, each while its port is open; three of four clients try the first one first',
      command: `<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.7 --check tcp:8080 --weight 3 --create
<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.8 --check tcp:8080`,
    },
    {
      description: 'Another one, only when both are down',
      command: '<%= config.bin %> <%= command.id %> api.shop.test A 10.9.0.1 --check http:8080/healthz --tier 1',
    },
    {
      description: 'Longer out after it failed, noticed sooner',
      command: '<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.7 --hold-down 5m --interval 1s --fall 1',
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'name in full: api.shop.test' }),
    type: Args.string({ required: true, description: 'A, AAAA or SRV' }),
    value: Args.string({ required: true, description: 'data of the record: 10.0.0.7, or 0 5 8080 api.shop.test' }),
  };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    check: Flags.string({
      helpValue: 'CHECK',
      helpGroup: RULES,
      description: 'what has to hold for it to be given out',
    }),
    weight: countFlag({ max: 65_535, helpGroup: RULES, description: 'how likely it comes first (default: 1)' }),
    tier: countFlag({
      min: 0,
      max: 255,
      helpGroup: RULES,
      description: 'higher ones wait for lower ones to fail (default: 0)',
    }),
    interval: durationFlag({
      min: 100,
      max: 86_400_000,
      helpGroup: RULES,
      description: 'between two checks (default: 5s)',
    }),
    timeout: durationFlag({ min: 10, max: 60_000, helpGroup: RULES, description: 'for one check (default: 2s)' }),
    fall: countFlag({
      max: 100,
      helpGroup: RULES,
      description: 'failed checks in a row until it is down (default: 2)',
    }),
    rise: countFlag({
      max: 100,
      helpGroup: RULES,
      description: 'good ones in a row until it is well again (default: 2)',
    }),
    'hold-down': durationFlag({
      max: 86_400_000,
      helpGroup: RULES,
      description: 'how long it then stays out (default: 30s)',
    }),
    ttl: Flags.string({ helpValue: 'SECONDS', description: 'of the record (default: as it is, else 10)' }),
    create: Flags.boolean({ description: 'make a zone when none here holds the name' }),
  };

  protected async execute(): Promise<void> {
    const { args, argv, flags } = await this.parse(DnsTargetSet);
    const dns = await loadTargets();
    const type = dns.readRecordType(args.type);
    const { rdatas } = dns.readTypedValues(type, argv.slice(2).map(String));
    const [rdata, ...more] = rdatas;
    if (rdata === undefined || more.length > 0) throw dns.oneTargetOnly();
    const { check, weight, tier, interval, timeout, fall, rise, 'hold-down': holdDown } = flags;
    const said = { check, weight, tier, intervalMs: interval, timeoutMs: timeout, fall, rise, holdDownMs: holdDown };
    const request = {
      name: dns.readTypedName(args.name),
      type,
      rdata,
      rules: said,
      ttl: flags.ttl === undefined ? undefined : dns.readTtl(flags.ttl),
      create: flags.create,
    };
    const hint = `ds dns target set ${this.argv.map(quoteForShell).join(' ')} --create`;
    await dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, (store) => {
      const { zone, created, result } = dns.setTarget(store, request, hint);
      const report = dns
        .reportTargets(store, request.name)
        .find(({ target }) => target === dns.printRdata(type, rdata));
      if (report === undefined) throw new Error('the target is not there though it was just written');
      const { name, type: typeName, target, tier: inTier, weight: weighs, check: checked } = report;
      const shown = { name, type: typeName, target, zone: zone.toString(), serial: result.serial, created };
      this.out.document({ ...shown, tier: inTier, weight: weighs, check: checked }, () => {
        if (!this.out.isTerminal) return this.out.line(`${name}\t${typeName}\t${target}`);
        const how = checked === '' ? 'not checked' : `while ${checked} holds`;
        this.out.line(`${name} ${typeName} ${target}: tier ${inTier}, weight ${weighs}, ${how}`);
      });
    });
  }
}
