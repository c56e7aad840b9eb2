#!/usr/bin/env perl
# A web service for tests of the proxies: a child a connection, HTTP/1.1 with
# keep-alive, answers chosen by path. Prints its address.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Each;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep);

Each::connection(0, sub {
	my ($c) = @_;
	setsockopt $c, IPPROTO_TCP, TCP_NODELAY, 1;
	1 while serve($c);
	return 0;
});

sub head {
	my ($c, $status, @headers) = @_;
	print $c "HTTP/1.1 $status X\r\n", map("$_\r\n", @headers), "\r\n";
}

sub whole {
	my ($c, $status, $body, @headers) = @_;
	head($c, $status, 'Content-Length: ' . length $body, @headers);
	print $c $body;
}

sub chunk {
	my ($c, $data) = @_;
	printf $c "%x\r\n%s\r\n", length $data, $data;
}

# Reads a request: ($line, $head, $body), body chunked or by length.
sub request {
	my ($c) = @_;
	my $line = <$c>;
	return unless defined $line;
	my ($head, $body) = ('', '');
	while (defined(my $h = <$c>)) {
		last if $h eq "\r\n";
		$head .= $h;
	}
	if ($head =~ /^Transfer-Encoding: *chunked/im) {
		while (my $size = hex(<$c> // 0)) {
			my $part;
			read $c, $part, $size;
			$body .= $part;
			<$c>;
		}
		<$c>;
	} elsif ($head =~ /^Content-Length: *(\d+)/im) {
		read $c, $body, $1;
	}
	return ($line, $head, $body);
}

sub serve {
	my ($c) = @_;
	my ($line, $head, $body) = request($c) or return 0;
	my ($method, $target) = split / /, $line;
	my ($path) = $target =~ m{^(/[a-z0-9]*)};
	if ($path eq '/echo') {
		my $text = "$line$head\r\n$body";
		whole($c, 200, $text, 'Content-Type: text/plain');
	} elsif ($path eq '/secrets') {
		whole($c, 200, '{"ok":true}', 'Set-Cookie: sid=hush-cookie',
			'X-Session-Token: hush-token', 'X-Pins: {"A":"1"}',
			'Location: http://u:hush-user@h/x?api_key=hush-loc');
	} elsif ($path eq '/gzip') {
		whole($c, 200, pack('H*', '1f8b08000000000000034bafca2c' .
			'28484d0100e1647d8007000000'), 'Content-Encoding: gzip');
	} elsif ($path eq '/sse') {
		head($c, 200, 'Content-Type: text/event-stream',
			'Transfer-Encoding: chunked');
		for my $i (1 .. 5) {
			chunk($c, "data: piece $i\n\n");
			sleep .2;
		}
		print $c "0\r\n\r\n";
	} elsif ($path eq '/endless') {
		head($c, 200, 'Content-Type: text/event-stream',
			'Transfer-Encoding: chunked');
		while (chunk($c, "data: on and on\n\n")) {
			sleep .05;
		}
		return 0;
	} elsif ($path eq '/big') {
		my ($n) = $target =~ /n=(\d+)/;
		whole($c, 200, 'x' x $n);
	} elsif ($path eq '/cut') {
		head($c, 200, 'Content-Length: 1000');
		print $c 'only this';
		return 0;
	} elsif ($path eq '/reset') {
		return 0;
	} elsif ($path eq '/hints') {
		head($c, 103, 'Link: </a.css>');
		whole($c, 200, 'after hints', 'X-Final: yes');
	} elsif ($path eq '/nothing') {
		head($c, 204, 'X-Final: yes');
	} elsif ($path eq '/head') {
		head($c, 200, 'Content-Length: 12345', 'X-Final: yes');
	} elsif ($path eq '/status') {
		my ($code) = $target =~ m{/status/(\d+)};
		whole($c, $code, "status $code");
	} elsif ($path eq '/odd') {
		whole($c, 200, "\xff\xfe\0bytes");
	} elsif ($path eq '/slow') {
		print STDERR "slow begins\n";
		sleep 1.5;
		whole($c, 200, 'slow but sure');
	} else {
		whole($c, 404, 'no such path');
	}
	return 1;
}
