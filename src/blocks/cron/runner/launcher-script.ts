/**
 * The launcher, in Perl: what the C library offers to Perl and Node does not offer to us. Its argument is the number of prctl(2).
 *
 *     stdin   requests   length (4 bytes, big-endian), then fields, a NUL between them:
 *                        launch, ID, folder, descriptor of stdin in the process of its parent (or empty: nothing),
 *                            count of words, program and arguments, environment as NAME=value
 *                        release, ID             the pipes were opened: /proc/<launcher>/fd/<descriptor>
 *                        ask                     whether it answers
 *     stdout  events     a line each:
 *                        ready 1                 once; 0: what its programs leave behind does not become its child
 *                        started ID PID OUT ERR  leads its session and its group; descriptors here, of pipes to read
 *                        failed ID ERRNO         there was no process, or it could not become the program
 *                        ended ID STATUS         of a process, as wait(2) tells it
 *                        here                    it answers
 *
 * It ends when its stdin does. What it has started then lives on, as what a killed daemon leaves behind always does. Of signals
 * it ignores those that a job may send to its parent, or systemd to all of a service: the daemon alone is asked to stop.
 */
export const launcherScript = String.raw`
use strict;
use POSIX ();
use IO::Handle;

$0 = 'ds cron launcher';
my $parent = getppid();
my %ids;
my %pipes;
my $requests = '';

open(my $events, '>&', \*STDOUT) or die;
pipe(my $woken, my $wake) or die;
$wake->blocking(0);
$SIG{CHLD} = sub { syswrite($wake, '.') };
my @ignored = qw(HUP INT QUIT TERM PIPE ALRM USR1 USR2 TSTP TTIN TTOU);
$SIG{$_} = 'IGNORE' for @ignored;

# A child that ends interrupts a write that waits for the parent, and no event may be lost.
sub tell_parent {
  my $line = join(' ', @_) . "\n";
  while ($line ne '') {
    my $written = syswrite($events, $line);
    if (defined $written) { substr($line, 0, $written) = '' }
    elsif ($! != POSIX::EINTR()) { return }
  }
}

sub become {
  my ($id, $folder, $files, $words, $environment) = @_;
  for my $number (0 .. 2) { POSIX::dup2(fileno($files->[$number]), $number) }
  %ENV = map { split(/=/, $_, 2) } @$environment;
  if (chdir($folder)) { exec { $words->[0] } @$words }
  tell_parent('failed', $id, $! + 0);
  POSIX::_exit(127);
}

sub launch {
  my ($id, $folder, $in, $count, @environment) = @_;
  my @words = splice(@environment, 0, $count);
  my $path = $in eq '' ? '/dev/null' : "/proc/$parent/fd/$in";
  my $is_open = sysopen(my $stdin, $path, POSIX::O_RDONLY) && pipe(my $out, my $stdout) && pipe(my $err, my $stderr);
  my $pid = $is_open ? fork() : undef;
  return tell_parent('failed', $id, $! + 0) unless defined $pid;
  if ($pid == 0) {
    POSIX::setsid();
    # Before anybody knows of it: from then on it may be asked to end.
    $SIG{$_} = 'DEFAULT' for 'CHLD', @ignored;
    tell_parent('started', $id, $$, fileno($out), fileno($err));
    become($id, $folder, [$stdin, $stdout, $stderr], \@words, \@environment);
  }
  $ids{$pid} = $id;
  $pipes{$id} = [$out, $err];
}

sub reap {
  while ((my $pid = waitpid(-1, POSIX::WNOHANG())) > 0) {
    my $status = $?;
    my $id = delete $ids{$pid};
    tell_parent('ended', $id, $status) if defined $id;
  }
}

# PR_SET_CHILD_SUBREAPER
my $adopts = $ARGV[0] ne '' && syscall($ARGV[0] + 0, 36, 1, 0, 0, 0) == 0;
tell_parent('ready', $adopts ? 1 : 0);
for (;;) {
  my $ready = '';
  vec($ready, 0, 1) = 1;
  vec($ready, fileno($woken), 1) = 1;
  next if select($ready, undef, undef, undef) < 0;
  if (vec($ready, fileno($woken), 1)) {
    sysread($woken, my $dots, 65536);
    reap();
  }
  next unless vec($ready, 0, 1);
  my $read = sysread(STDIN, $requests, 65536, length($requests));
  next unless defined $read;
  last if $read == 0;
  while (length($requests) >= 4) {
    my $length = unpack('N', $requests);
    last if length($requests) < 4 + $length;
    my $request = substr($requests, 4, $length);
    substr($requests, 0, 4 + $length) = '';
    my ($what, @fields) = split(/\0/, $request, -1);
    if ($what eq 'launch') { launch(@fields) }
    elsif ($what eq 'release') { delete $pipes{$fields[0]} }
    else { tell_parent('here') }
  }
}
`;
