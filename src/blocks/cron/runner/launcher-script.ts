/**
 * The launcher, in Perl: what the C library offers to Perl and Node does not offer to us. Its arguments are numbers of system calls,
 * in the order of `$prctl, $setsid …` below.
 *
 *     stdin   requests   length (4 bytes, big-endian), then fields, a NUL between them:
 *                        launch, ID, folder, path of what it reads, count of words,
 *                            path of the program and arguments, environment as NAME=value
 *                        release, ID             the pipes were opened: /proc/<launcher>/fd/<descriptor>
 *                        ask                     whether it answers
 *     stdout  events     a line each:
 *                        ready 1                 once; 0: what its programs leave behind does not become its child
 *                        started ID PID OUT ERR  leads its session and its group; descriptors here, of pipes to read
 *                        failed ID ERRNO         there was no process, or it could not become the program
 *                        ended ID STATUS         of a process, as wait(2) tells it
 *                        here                    it answers
 *
 * After a fork each page that either of both touches is copied, which is most of what a start costs (157 page faults, 61 of them
 * the shell's own; with modules and %ENV it was 254). So no module is loaded, the child does system calls and nothing else, and
 * one child at a time becomes a program, unless its folder takes long to answer: then started is told before it has become one.
 *
 * It ends when its stdin does. What it has started then lives on, as what a killed daemon leaves behind always does. Signals are
 * blocked: a job may send them to its parent, systemd to all of a service, and the daemon alone is asked to stop. That a child has
 * ended is read from a descriptor (signalfd(2)): Perl runs a handler between two steps of a program, and what comes just before
 * select(2) would wait for what wakes it next.
 */
export const launcherScript = String.raw`
use strict;

$0 = 'ds cron launcher';
my ($prctl, $setsid, $dup3, $execve, $exit_group, $rt_sigprocmask, $signalfd4, $close_range) = map { $_ + 0 } @ARGV;
my ($PR_SET_CHILD_SUBREAPER, $SIG_SETMASK, $SFD_CLOEXEC, $WNOHANG) = (36, 2, 02000000, 1);
# Sets of signals, of 8 bytes each.
my ($all, $none, $sigchld) = map { pack('Q', $_) } ~0, 0, 1 << 16;
my $SLOW_SECONDS = 0.02;
# execve(2) is told where texts are.
die if length(pack('p', '')) != 8;

# What the daemon had inherited is none of its jobs' business.
syscall($close_range, 3, 0xffffffff, 0);
syscall($rt_sigprocmask, $SIG_SETMASK, $all, 0, 8);
open(my $child_ended, '<&=', syscall($signalfd4, -1, $sigchld, 8, $SFD_CLOEXEC)) or die;
# Which Perl ignores.
$SIG{FPE} = 'DEFAULT';

my $requests = '';
# Of an ID: its output.
my %pipes;
# Of a process: its ID; the pipe that its exec closes.
my (%ids, %becoming);
# The process before which nothing else is launched, 0 for none; how many seconds it may still take.
my ($awaited, $patience) = (0, undef);

sub tell_parent {
  my $line = join(' ', @_) . "\n";
  while ($line ne '') {
    my $written = syswrite(STDOUT, $line) or return;
    substr($line, 0, $written) = '';
  }
}

sub tell_started {
  my ($pid) = @_;
  my $id = $ids{$pid};
  tell_parent('started', $id, $pid, map { fileno($_) } @{$pipes{$id}});
}

sub launch {
  my ($id, $folder, $in, $count, @environment) = @_;
  my @words = splice(@environment, 0, $count);
  my ($words, $environment) = (pack('p*', @words, undef), pack('p*', @environment, undef));
  my ($stdin, $out, $stdout, $err, $stderr, $status, $failure);
  my $is_open = open($stdin, '<', $in) && pipe($out, $stdout) && pipe($err, $stderr) && pipe($status, $failure);
  my $pid = $is_open ? fork() : undef;
  return tell_parent('failed', $id, $! + 0) unless defined $pid;
  if ($pid == 0) {
    syscall($setsid);
    syscall($rt_sigprocmask, $SIG_SETMASK, $none, 0, 8);
    syscall($dup3, fileno($stdin), 0, 0);
    syscall($dup3, fileno($stdout), 1, 0);
    syscall($dup3, fileno($stderr), 2, 0);
    if (chdir($folder)) { syscall($execve, $words[0], $words, $environment) }
    syswrite($failure, pack('N', $! + 0));
    syscall($exit_group, 127);
  }
  $ids{$pid} = $id;
  $pipes{$id} = [$out, $err];
  $becoming{$pid} = $status;
  ($awaited, $patience) = ($pid, $SLOW_SECONDS);
}

# Or it has failed to, or was killed before.
sub has_become {
  my ($pid) = @_;
  if (sysread(delete $becoming{$pid}, my $failure, 4)) {
    my $id = delete $ids{$pid};
    delete $pipes{$id};
    tell_parent('failed', $id, unpack('N', $failure));
  }
  elsif ($pid == $awaited) { tell_started($pid) }
  ($awaited, $patience) = (0, undef) if $pid == $awaited;
}

# Signals reach it once it leads its group.
sub wait_no_longer {
  if (getpgrp($awaited) != $awaited) { $patience = $SLOW_SECONDS }
  else {
    tell_started($awaited);
    ($awaited, $patience) = (0, undef);
  }
}

sub reap {
  while ((my $pid = waitpid(-1, $WNOHANG)) > 0) {
    my $status = $?;
    has_become($pid) if defined $becoming{$pid};
    my $id = delete $ids{$pid};
    tell_parent('ended', $id, $status) if defined $id;
  }
}

sub take {
  my ($what, @fields) = split(/\0/, $_[0], -1);
  if ($what eq 'launch') { launch(@fields) }
  elsif ($what eq 'release') { delete $pipes{$fields[0]} }
  else { tell_parent('here') }
}

my $adopts = syscall($prctl, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
tell_parent('ready', $adopts ? 1 : 0);
for (;;) {
  my $ready = '';
  vec($ready, 0, 1) = 1 unless $awaited;
  vec($ready, fileno($_), 1) = 1 for $child_ended, values %becoming;
  # What is left of the time.
  (undef, $patience) = select($ready, undef, undef, $patience);
  for my $pid (keys %becoming) { has_become($pid) if vec($ready, fileno($becoming{$pid}), 1) }
  if (vec($ready, fileno($child_ended), 1)) {
    sysread($child_ended, my $signal, 128);
    reap();
  }
  if (vec($ready, 0, 1)) {
    sysread(STDIN, $requests, 65536, length($requests)) or last;
  }
  wait_no_longer() if $awaited && $patience <= 0;
  while (!$awaited && length($requests) >= 4) {
    my $length = unpack('N', $requests);
    last if length($requests) < 4 + $length;
    my $request = substr($requests, 4, $length);
    substr($requests, 0, 4 + $length) = '';
    take($request);
  }
}
`;
