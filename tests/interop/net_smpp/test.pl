# Aim: Net::SMPP, which reads the socket blocking and one PDU at a time, works with the server, as
# 3.4 and as 3.3. Method: each test binds sessions of its own at the given port, and checks answers
# and receipts. One TAP line per test.
#
# Usage: test.pl PORT
use strict;
use warnings;
use Net::SMPP;

my $port = shift;
my ($source, $destination) = ('4479460001', '33612345678');
my $receipt_text = qr/^id:(\S+)\ sub:\d{3}\ dlvrd:\d{3}\ submit\ date:\d{10}\ done\ date:\d{10}
    \ stat:(\w{7})\ err:\S{3}\ text:/x;
$| = 1;

sub bound {
    my ($mode, $system_id, %more) = @_;
    my $new = "new_$mode";
    my ($session, $response) = Net::SMPP->$new('127.0.0.1', port => $port,
        system_id => $system_id, password => 'secret', %more);
    die "no connection\n" unless $session;
    die "no bind_resp\n" unless $response;
    return ($session, $response) if wantarray;
    die 'bind_resp: ' . $response->explain_status() . "\n" if $response->status;
    return $session;
}

sub submit {
    my ($session, %more) = @_;
    return $session->submit_sm(source_addr_ton => 1, source_addr_npi => 1, source_addr => $source,
        dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => $destination,
        registered_delivery => 1, short_message => 'hello', %more);
}

sub accepted {
    my $response = submit(@_) or die "no submit_sm_resp\n";
    die 'submit_sm_resp: ' . $response->explain_status() . "\n" if $response->status;
    die "no message_id\n" unless $response->message_id =~ /^\S+$/;
    return $response->message_id;
}

# Reads until a deliver_sm comes, answers it, and answers every enquire_link before it.
sub delivered {
    my $session = shift;
    while (my $pdu = $session->read_pdu()) {
        $session->enquire_link_resp(seq => $pdu->seq)
            if $pdu->cmd == Net::SMPP::CMD_enquire_link;
        next unless $pdu->cmd == Net::SMPP::CMD_deliver_sm;
        $session->deliver_sm_resp(seq => $pdu->seq, message_id => '');
        return $pdu;
    }
    die "closed before a deliver_sm\n";
}

sub check_receipt {
    my ($pdu, $id) = @_;
    die "esm_class $pdu->{esm_class}\n" unless ($pdu->{esm_class} & 0x3c) == 0x04;
    my ($text_id, $state) = $pdu->{short_message} =~ $receipt_text
        or die "receipt text: $pdu->{short_message}\n";
    die "id $text_id in the receipt, $id in the response\n" unless $text_id eq $id;
    die "state $state\n" unless $state eq 'DELIVRD';
    die "addresses $pdu->{source_addr} $pdu->{destination_addr}\n"
        unless $pdu->{source_addr} eq $destination && $pdu->{destination_addr} eq $source;
}

my @tests;
sub test { push @tests, [@_] }

for my $version (0x33, 0x34) {
    my $label = $version == 0x33 ? '3.3' : '3.4';
    # 3.3 knows no transceiver: there a receiver takes the receipts.
    my @modes = $version == 0x33 ? ('transmitter', 'receiver') : ('transceiver');
    test "$label: receipts, and unbind is answered", sub {
        my @sessions = map { scalar bound($_, $label eq '3.3' ? '33' : '34',
            smpp_version => $version, interface_version => $version) } @modes;
        my %ids;
        for (1 .. 10) {
            my $id = accepted($sessions[0]);
            die "id $id twice\n" if $ids{$id};
            die "id $id: more than the 8 characters of 3.3\n"
                if $version == 0x33 && length($id) > 8;
            $ids{$id} = 1;
            # One by one: while it waits for a response, Net::SMPP drops what else comes.
            my $pdu = delivered($sessions[-1]);
            check_receipt($pdu, $id);
            if ($version == 0x33) {
                my @tlvs = grep { /^\d+$/ || $_ eq 'receipted_message_id' } keys %$pdu;
                die "TLVs in 3.3: @tlvs\n" if @tlvs;
            } else {
                my $tlv = $pdu->{receipted_message_id} // 'absent';
                $tlv =~ s/\0$//;
                die "receipted_message_id $tlv\n" unless $tlv eq $id;
                die "message_state absent\n" unless defined $pdu->{message_state};
                die "message_state\n" unless ord($pdu->{message_state}) == 2;
            }
        }
        for my $session (@sessions) {
            my $response = $session->unbind() or die "no unbind_resp\n";
            die "unbind_resp has a status\n" if $response->status;
        }
    };
    test "$label: sc_interface_version in the response to a bind", sub {
        for my $mode (@modes) {
            my ($session, $response) = bound($mode, 'plain',
                smpp_version => $version, interface_version => $version);
            my $tlv = $response->{sc_interface_version};
            die "a TLV in 3.3\n" if $version == 0x33 && defined $tlv;
            die "absent in 3.4\n" if $version == 0x34 && !defined $tlv;
        }
    };
}

test 'transmitter and receiver as two sessions of 3.4', sub {
    my $receiver = bound('receiver', 'pair');
    my $transmitter = bound('transmitter', 'pair');
    my %ids = map { accepted($transmitter) => 1 } 1 .. 20;
    while (%ids) {
        my $pdu = delivered($receiver);
        my ($id) = $pdu->{short_message} =~ $receipt_text or die "receipt text\n";
        delete $ids{$id} or die "receipt of $id, which is not open\n";
    }
};

test 'optional parameters: sar_* and message_payload', sub {
    my $session = bound('transmitter', 'plain');
    for my $number (1, 2) {
        accepted($session, registered_delivery => 0, sar_msg_ref_num => pack('n', 1),
            sar_total_segments => pack('C', 2), sar_segment_seqnum => pack('C', $number));
    }
    accepted($session, registered_delivery => 0, short_message => '',
        message_payload => 'x' x 1000);
};

test 'a wrong password gets ESME_RBINDFAIL', sub {
    my ($session, $response) = bound('transceiver', 'plain', password => 'wrong');
    die 'status ' . $response->status . "\n"
        unless $response->status == Net::SMPP::status_code_name('ESME_RBINDFAIL');
};

test 'a submit on a receiver gets ESME_RINVBNDSTS', sub {
    my $session = bound('receiver', 'plain');
    my $response = submit($session) or die "no submit_sm_resp\n";
    die 'status ' . $response->status . "\n"
        unless $response->status == Net::SMPP::status_code_name('ESME_RINVBNDSTS');
};

test 'enquire_link both ways', sub {
    my $session = bound('transceiver', 'idle');
    my $response = $session->enquire_link() or die "no enquire_link_resp\n";
    die "enquire_link_resp has a status\n" if $response->status;
    # Longer than the server waits for a response.
    my $end = time + 5;
    my $asked = 0;
    while (time < $end) {
        my $pdu = $session->read_pdu() or die "closed\n";
        next unless $pdu->cmd == Net::SMPP::CMD_enquire_link;
        ++$asked;
        $session->enquire_link_resp(seq => $pdu->seq);
    }
    die "asked $asked times\n" unless $asked >= 3;
    accepted($session, registered_delivery => 0);
};

sub Net::SMPP::status_code_name {
    my $name = shift;
    my $rows = Net::SMPP::status_code();
    my ($code) = grep { $rows->{$_}{code} eq $name } keys %$rows;
    return $code;
}

my ($number, $failed) = (0, 0);
for my $test (@tests) {
    my ($name, $run) = @$test;
    ++$number;
    # A blocking read has no timeout of its own.
    local $SIG{ALRM} = sub { die "nothing within 15 s\n" };
    alarm 15;
    if (eval { $run->(); 1 }) {
        print "ok $number - $name\n";
    } else {
        my $why = $@;
        $why =~ s/\n(?=.)/\n# /g;
        print "not ok $number - $name\n# $why";
        ++$failed;
    }
    alarm 0;
}
exit($failed ? 1 : 0);
