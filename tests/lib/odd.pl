#!/usr/bin/env perl
# A retrieval service of a make that no preset knows: words in common rank the
# sections, and the answer is a shape of its own.  Prints its address.
#
#	odd.pl SECTIONS [PORT [HIDE [MODE]]]
#
# HIDE: sections whose id matches are not found.  MODE: broken (a third of
# the answers is cut in half, the same ones each time), html (answers 200 with
# a page), silent (takes requests and never answers), other (answers with the
# last sentence).
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Each;
use JSON::PP;

my ($file, $port, $hide, $mode) = @ARGV;
$hide ||= '^$';
$mode ||= '';
my (@sections, %df);
my $json = JSON::PP->new->utf8->canonical;

open my $in, '<', $file or die "$file: $!\n";
while (<$in>) {
	my $s = $json->decode($_);
	next if $s->{section_id} =~ /$hide/;
	my %words = map { $_ => 1 } words("$s->{title} $s->{text}");
	$df{$_}++ for keys %words;
	push @sections, { %$s, words => \%words };
}

Each::connection($port || 0, \&serve);

sub words { map { s/(ing|ed|es|s)$//r } lc($_[0]) =~ /(\w{3,})/g }

sub serve {
	my ($c) = @_;
	my $line = <$c>;
	return 0 unless defined $line;
	my ($length, $key) = (0, '');
	while (defined(my $h = <$c>)) {
		last if $h eq "\r\n";
		$length = $1 if $h =~ /^Content-Length: *(\d+)/i;
		$key = $1 if $h =~ /^X-Key: *(\S+)/i;
	}
	my $body = '';
	read $c, $body, $length if $length;
	return reply($c, '200', '{"up":true}') if $line =~ m{ /up };
	if ($mode eq 'silent') {
		sleep 30;
		return 0;
	}
	return reply($c, '200', '<html>welcome</html>') if $mode eq 'html';
	return reply($c, '401', '{"no":"key"}') if $line =~ m{ /locked};
	my $ask = eval { $json->decode($body) };
	return reply($c, '400', '{"no":"question"}')
		unless $line =~ m{^POST /v9/ask} && $ask->{ask}{text};
	my $said = $json->encode(answer($ask->{ask}, $key));
	return reply($c, '200', substr $said, 0, length($said) / 2)
		if $mode eq 'broken' && unpack('%32C*', $body) % 3 == 0;
	return reply($c, '200', $said);
}

sub answer {
	my ($ask, $key) = @_;
	my @words = words($ask->{text});
	my @ranked = sort { $b->[0] <=> $a->[0] ||
		$a->[1]{section_id} cmp $b->[1]{section_id} } map {
		my ($s, $v) = ($_, 0);
		$s->{words}{$_} and $v += log(1 + @sections / $df{$_})
			for @words;
		[$v, $s];
	} @sections;
	my @top = @ranked[0 .. ($ask->{n} || 5) - 1];
	my @sentence = split /(?<=\.)\s+/, $top[0][1]{text};
	return {
		meta => { revision => { build => 'r1' }, key => $key },
		groups => [map { {
			docs => [{
				key => "$_->[1]{section_id}/0",
				where => { doc => $_->[1]{section_id},
				    span => [0, length $_->[1]{text}] },
				body => $_->[1]{text}, weight => $_->[0],
			}] } } @top],
		say => [{ t => $sentence[$mode eq 'other' ? -1 : 0] }],
		because => [{ ref => $top[0][1]{section_id} }],
		spent => { in => 7, out => 3 },
	};
}

sub reply {
	my ($c, $status, $body) = @_;
	print $c "HTTP/1.1 $status X\r\nContent-Type: application/json\r\n",
	    'Content-Length: ', length $body, "\r\n\r\n", $body;
	return 1;
}
