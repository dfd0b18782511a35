#!/usr/bin/perl
# Submits as fast as it may: a process for each bind, each with one open message, because the
# synchronous call is what the module's esme-hammer.pl makes, and the window is therefore not used.
use strict;
use warnings;
use Net::SMPP;
use Time::HiRes 'time';

my ($port, $binds) = @ARGV;
pipe my $reader, my $writer or die $!;
for (1 .. $binds) {
    next if fork;
    my ($smpp) = Net::SMPP->new_transceiver('127.0.0.1', port => $port, smpp_version => 0x34,
        interface_version => 0x34, system_id => 'test', password => 'test') or die "bind: $!";
    my ($answers, $told) = (0, time);
    while (my $answer = $smpp->submit_sm(source_addr => '491700000001',
            destination_addr => '491600000002', short_message => 'x' x 160)) {
        $answer->{status} == 0 or die "status $answer->{status}";
        $answers++;
        if (time - $told > 0.2) {
            syswrite $writer, pack('N', $answers);
            ($answers, $told) = (0, time);
        }
    }
    exit 1;
}
close $writer;
# Ended with its children, as one process group: nobody else may wait for them.
$SIG{TERM} = sub { 1 while wait != -1; exit };
my ($sum, $told) = (0, time);
$| = 1;
while (sysread $reader, my $count, 4) {
    $sum += unpack 'N', $count;
    next if time - $told < 1;
    print "$sum\n";
    $told = time;
}
