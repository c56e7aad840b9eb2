# A child a connection, for the services that are written in Perl.
package Each;
use strict;
use warnings;
use IO::Socket::INET;

# connection(PORT, SERVE): listens on 127.0.0.1 (0: a free port), prints its address,
# and calls SERVE with each connection until it returns false. Never returns.
sub connection {
	my ($port, $serve) = @_;
	my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
		LocalPort => $port, Listen => 128, ReuseAddr => 1)
		or die "listen: $!\n";
	$| = 1;
	$SIG{CHLD} = 'IGNORE';
	$SIG{PIPE} = 'IGNORE';
	print 'http://127.0.0.1:', $server->sockport, "\n";
	while (1) {
		my $c = $server->accept or next;
		if (fork) {
			close $c;
			next;
		}
		close $server;
		$c->autoflush(1);
		1 while $serve->($c);
		exit 0;
	}
}

1;
