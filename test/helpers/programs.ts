/**
 * Programs of Debian packages that tests talk to. On a machine without one its tests are skipped, and the run's summary
 * counts them; with CI=true they must not be.
 */
import { spawnSync } from 'node:child_process';

/** Debian's own interpreter: it is the one that sees Debian's python3-redis. */
export const PYTHON = '/usr/bin/python3';

/** By package: a call that succeeds where it is installed. */
const CALLS = {
  'redis-server': ['redis-server', '--version'],
  'redis-tools': ['redis-benchmark', '--version'],
  'python3-redis': [PYTHON, '-c', 'import redis'],
  openssl: ['openssl', 'version'],
  wrk: ['sh', '-c', 'command -v wrk'],
  hey: ['sh', '-c', 'command -v hey'],
  nginx: ['nginx', '-v'],
  haproxy: ['haproxy', '-v'],
  caddy: ['caddy', 'version'],
  /** named-checkzone. */
  bind9: ['named', '-v'],
  'bind9-dnsutils': ['dig', '-v'],
  'bind9-utils': ['named-checkzone', '-v'],
  knot: ['knotd', '--version'],
  'knot-dnsutils': ['kdig', '--version'],
  unbound: ['unbound', '-V'],
  nsd: ['sh', '-c', 'command -v nsd'],
  'dnsmasq-base': ['dnsmasq', '--version'],
  /** The server's programs are not in PATH. */
  postgresql: ['sh', '-c', 'ls /usr/lib/postgresql/*/bin/initdb'],
  dnsperf: ['sh', '-c', 'command -v dnsperf'],
  systemd: ['systemd-analyze', '--version'],
  cron: ['sh', '-c', 'command -v cron'],
  faketime: ['faketime', '--version'],
  /** For `unshare`: mounts of a process's own, which want root. */
  'util-linux': ['unshare', '-m', 'true'],
  /** For `script`, which gives a program a terminal. */
  bsdutils: ['script', '--version'],
  s3cmd: ['s3cmd', '--version'],
  rclone: ['rclone', 'version'],
  restic: ['restic', 'version'],
  /** By its path: another `aws` may come first. */
  awscli: ['/usr/bin/aws', '--version'],
  'python3-boto3': [PYTHON, '-c', 'import boto3'],
  'python3-pytest': [PYTHON, '-c', 'import pytest'],
  'python3-munch': [PYTHON, '-c', 'import munch'],
  'python3-isodate': [PYTHON, '-c', 'import isodate'],
  'python3-tz': [PYTHON, '-c', 'import pytz'],
  'python3-requests': [PYTHON, '-c', 'import requests'],
  curl: ['curl', '--version'],
  logrotate: ['logrotate', '--version'],
  rsyslog: ['rsyslogd', '-v'],
  /** Unpacked, not installed: Debian has one system logger at a time. */
  'syslog-ng-core': ['sh', '-c', 'test -x /opt/syslog-ng/usr/sbin/syslog-ng'],
} as const;

export function hasPackages(...names: readonly (keyof typeof CALLS)[]): boolean {
  const missing = names.filter((name) => {
    const [program, ...args] = CALLS[name];
    return spawnSync(program, args).status !== 0;
  });
  if (missing.length === 0) return true;
  if (process.env['CI'] === 'true') throw new Error(`missing: apt-get install ${missing.join(' ')}`);
  return false;
}
