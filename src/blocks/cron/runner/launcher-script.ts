/**
 * The launcher, in Perl: what the C library offers to Perl and Node does not offer to us.
 *
 *     stdin   requests   length (4 bytes, big-endian), then fields, a NUL between them:
 *                        id, folder, descriptors of stdin (or empty: nothing), stdout, stderr in the process of its parent,
 *                        count of words, program and arguments, environment as NAME=value
 *     stdout  events     a line each:
 *                        ready                   once
 *                        started ID PID          leads its session and its group; the descriptors are not needed any more
 *                        failed ID ERRNO         there was no process, or it could not become the program
 *                        ended ID STATUS         of a process, as wait(2) tells it
 *
 * It ends when its stdin does. What it has started then lives on, as what a killed daemon leaves behind always does.
 */
export const launcherScript = String.raw`
use strict;
use POSIX ();
use IO::Handle;

$0 = 'ds cron launcher';
my $parent = getppid();
my %ids;
my $requests = '';

open(my $events, '>&', \*STDOUT) or die;
pipe(my $woken, my $wake) or die;
$wake->blocking(0);
$SIG{CHLD} = sub { syswrite($wake, '.') };

sub tell_parent { syswrite($events, join(' ', @_) . "\n") }

sub descriptor {
  my ($number, $mode) = @_;
  my $path = $number eq '' ? '/dev/null' : "/proc/$parent/fd/$number";
  sysopen(my $file, $path, $mode) or return;
  return $file;
}

sub become {
  my ($id, $folder, $files, $words, $environment) = @_;
  $SIG{CHLD} = 'DEFAULT';
  POSIX::setsid();
  tell_parent('started', $id, $$);
  for my $number (0 .. 2) { POSIX::dup2(fileno($files->[$number]), $number) }
  %ENV = map { split(/=/, $_, 2) } @$environment;
  if (chdir($folder)) { exec { $words->[0] } @$words }
  tell_parent('failed', $id, $! + 0);
  POSIX::_exit(127);
}

sub launch {
  my ($id, $folder, $in, $out, $err, $count, @environment) = @_;
  my @words = splice(@environment, 0, $count);
  my @files = (descriptor($in, POSIX::O_RDONLY), descriptor($out, POSIX::O_WRONLY), descriptor($err, POSIX::O_WRONLY));
  my $pid = @files == 3 ? fork() : undef;
  return tell_parent('failed', $id, $! + 0) unless defined $pid;
  if ($pid == 0) { become($id, $folder, \@files, \@words, \@environment) }
  $ids{$pid} = $id;
}

sub reap {
  while ((my $pid = waitpid(-1, POSIX::WNOHANG())) > 0) {
    my $status = $?;
    tell_parent('ended', delete $ids{$pid}, $status);
  }
}

tell_parent('ready');
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
    launch(split(/\0/, $request, -1));
  }
}
`;
