/**
 * Crontabs as Debian's cron reads them (crontab(5)), in the form of users and in that of the system, where a column says who runs
 * the command:
 *
 *     # name: report                 our own directive, which to cron is a comment; names the job of the next line
 *     PATH=/usr/local/bin:/usr/bin   holds for all lines below
 *     CRON_TZ=Europe/Berlin          as cronie has it; Debian's cron knows only the zone of the machine
 *     30 2 * * mon-fri  root  report --to ops%first line of its input%second line
 *     @reboot           root  date +\%s > /run/booted
 *
 * What is read runs as cron ran it: by /bin/sh, in $HOME, with cron's PATH, and beside a run of itself that goes on.
 */
export type { CrontabForm } from './crontab/lines.js';
export { type CrontabJobs, type CrontabOptions, readCrontab } from './crontab/read.js';
export { type CrontabText, type CrontabWriteOptions, writeCrontab } from './crontab/write.js';
