/**
 * The launcher, in Perl: what the C library offers to Perl and Node does not offer to us. Its arguments are numbers of system calls:
 * prctl, setsid, dup3, execve, exit_group.
 *
 *     stdin   requests   length (4 bytes, big-endian), then fields, a NUL between them:
 *                        launch, ID, folder, descriptor of stdin in the process of its parent (or empty: nothing),
 *                            count of words, path of the program and arguments, environment as NAME=value
 *                        release, ID             the pipes were opened: /proc/<launcher>/fd/<descriptor>
 *                        ask                     whether it answers
 *     stdout  events     a line each:
 *                        ready 1                 once; 0: what its programs leave behind does not become its child
 *                        started ID PID OUT ERR  leads its session and its group; descriptors here, of pipes to read
 *                        failed ID ERRNO         there was no process, or it could not become the program
 *                        ended ID STATUS         of a process, as wait(2) tells it
 *                        here                    it answers
 *
 * After a fork each page that either of both touches is copied, which is most of what a start costs (163 page faults, 61 of them
 * the shell's own; with modules and %ENV it was 254). So no module is loaded, the child does system calls and nothing else, and
 * one child at a time becomes a program, unless its folder takes long to answer: then started is told before it has become one.
 *
 * It ends when its stdin does. What it has started then lives on, as what a killed daemon leaves behind always does. Of signals
 * it ignores those that a job may send to its parent, or systemd to all of a service: the daemon alone is asked to stop.
 */
export const launcherScript = String.raw`
use strict;

$0 = 'ds cron launcher';
# execve(2) is told where texts are.
die if length(pack('p', '')) != 8;
my ($prctl, $setsid, $dup3, $execve, $exit_group) = map { $_ + 0 } @ARGV;
my ($EINTR, $WNOHANG, $F_SETFL, $O_NONBLOCK, $PR_SET_CHILD_SUBREAPER) = (4, 1, 4, 04000, 36);
my $SLOW_SECONDS = 0.02;

my $parent = getppid();
my $requests = '';
# Of a process: its ID, the pipe that its exec closes, whether nothing else is launched until then.
my (%ids, %becoming, $becoming);
# Of an ID: its output.
my %pipes;

open(my $events, '>&', \*STDOUT) or die;
open(my $nothing, '<', '/dev/null') or die;
pipe(my $woken, my $wake) or die;
fcntl($wake, $F_SETFL, $O_NONBLOCK) or die;
$SIG{CHLD} = sub { syswrite($wake, '.') };
# Handled, not ignored: what is ignored stays so in the program.
$SIG{$_} = sub {} for qw(HUP INT QUIT TERM PIPE ALRM USR1 USR2 TSTP TTIN TTOU);
# Which Perl ignores.
$SIG{FPE} = 'DEFAULT';

# A child that ends interrupts a write that waits for the parent, and no event may be lost.
sub tell_parent {
  my $line = join(' ', @_) . "\n";
  while ($line ne '') {
    my $written = syswrite($events, $line);
    if (defined $written) { substr($line, 0, $written) = '' }
    elsif ($! != $EINTR) { return }
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
  my $stdin = $nothing;
  my $is_open = $in eq '' || open($stdin, '<', "/proc/$parent/fd/$in");
  $is_open &&= pipe(my $out, my $stdout) && pipe(my $err, my $stderr) && pipe(my $status, my $failure);
  my @files = map { fileno($_) } $stdin, $stdout, $stderr if $is_open;
  my $pid = $is_open ? fork() : undef;
  return tell_parent('failed', $id, $! + 0) unless defined $pid;
  if ($pid == 0) {
    syscall($setsid);
    syscall($dup3, $files[$_], $_, 0) for 0 .. 2;
    if (chdir($folder)) { syscall($execve, $words[0], $words, $environment) }
    syswrite($failure, pack('N', $! + 0));
    syscall($exit_group, 127);
  }
  $ids{$pid} = $id;
  $pipes{$id} = [$out, $err];
  $becoming{$pid} = $status;
  $becoming = $pid;
}

sub has_become {
  my ($pid) = @_;
  my $was_slow = !defined $becoming || $becoming != $pid;
  undef $becoming unless $was_slow;
  if (sysread(delete $becoming{$pid}, my $failure, 4)) {
    my $id = delete $ids{$pid};
    delete $pipes{$id};
    tell_parent('failed', $id, unpack('N', $failure));
  }
  elsif (!$was_slow) { tell_started($pid) }
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
  vec($ready, 0, 1) = 1 unless defined $becoming;
  vec($ready, fileno($_), 1) = 1 for $woken, values %becoming;
  my $count = select($ready, undef, undef, defined $becoming ? $SLOW_SECONDS : undef);
  next if $count < 0;
  if ($count == 0) {
    tell_started($becoming);
    undef $becoming;
  }
  for my $pid (keys %becoming) { has_become($pid) if vec($ready, fileno($becoming{$pid}), 1) }
  if (vec($ready, fileno($woken), 1)) {
    sysread($woken, my $dots, 65536);
    reap();
  }
  if (vec($ready, 0, 1)) {
    my $read = sysread(STDIN, $requests, 65536, length($requests));
    last if defined $read && $read == 0;
  }
  while (!defined $becoming && length($requests) >= 4) {
    my $length = unpack('N', $requests);
    last if length($requests) < 4 + $length;
    my $request = substr($requests, 4, $length);
    substr($requests, 0, 4 + $length) = '';
    take($request);
  }
}
`;
