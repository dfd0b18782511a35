#!/usr/bin/perl
# A Net::SMPP server that takes every bind and answers submit_sm: a process for each connection, as
# smsc.pl of its examples does. The module documents no settings that bear upon speed.
use strict;
use warnings;
use Net::SMPP;

my ($port) = @ARGV;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => $port, listen => 128,
    smpp_version => 0x34, interface_version => 0x34) or die "listen: $!";
# Children are not waited for.
$SIG{CHLD} = 'IGNORE';

my %answers = (
    0x00000001 => sub { $_[0]->bind_receiver_resp(system_id => 'peer', seq => $_[1]->{seq}) },
    0x00000002 => sub { $_[0]->bind_transmitter_resp(system_id => 'peer', seq => $_[1]->{seq}) },
    0x00000009 => sub { $_[0]->bind_transceiver_resp(system_id => 'peer', seq => $_[1]->{seq}) },
    0x00000006 => sub { $_[0]->unbind_resp(seq => $_[1]->{seq}); exit },
    0x00000015 => sub { $_[0]->enquire_link_resp(seq => $_[1]->{seq}) },
);

while (1) {
    my $connection = $listener->accept or next;
    my $process = fork;
    next if $process;
    close $listener;
    $connection->set_version(0x34);
    my $id = 0;
    open STDERR, '>', '/dev/null';    # It warns of every end of a connection.
    while (my $pdu = $connection->read_pdu) {
        if ($pdu->{cmd} == 0x00000004) {
            $connection->submit_sm_resp(message_id => "$$." . ++$id, seq => $pdu->{seq});
        } elsif (my $answer = $answers{$pdu->{cmd}}) {
            $answer->($connection, $pdu);
        }
    }
    exit;
}
