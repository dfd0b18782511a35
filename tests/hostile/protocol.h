// The numbers of SMPP 5.0 §4.7.5 and §4.7.6 that the tables speak of, written down a second time: a
// wrong number in the server must not be able to hide behind itself.
#pragma once

#include <cstdint>

namespace ringgate::hostile {

namespace command {
inline constexpr std::uint32_t bind_receiver = 0x01, bind_transmitter = 0x02, query_sm = 0x03,
                               submit_sm = 0x04, deliver_sm = 0x05, unbind = 0x06,
                               replace_sm = 0x07, cancel_sm = 0x08, bind_transceiver = 0x09,
                               outbind = 0x0B, enquire_link = 0x15, submit_multi = 0x21,
                               alert_notification = 0x102, data_sm = 0x103, broadcast_sm = 0x111,
                               query_broadcast_sm = 0x112, cancel_broadcast_sm = 0x113;
inline constexpr std::uint32_t resp = 0x80000000;  // of a request: request | resp
inline constexpr std::uint32_t generic_nack = resp;
}  // namespace command

namespace status {
inline constexpr std::uint32_t ROK = 0x00, RINVMSGLEN = 0x01, RINVCMDLEN = 0x02, RINVCMDID = 0x03,
                               RINVBNDSTS = 0x04, RALYBND = 0x05, RINVPRTFLG = 0x06,
                               RINVREGDLVFLG = 0x07, RSYSERR = 0x08, RINVSRCADR = 0x0A,
                               RINVDSTADR = 0x0B, RINVMSGID = 0x0C, RBINDFAIL = 0x0D,
                               RINVPASWD = 0x0E, RINVSYSID = 0x0F, RCANCELFAIL = 0x11,
                               RREPLACEFAIL = 0x13, RMSGQFUL = 0x14, RINVSERTYP = 0x15,
                               RINVNUMDESTS = 0x33, RINVDLNAME = 0x34, RINVDESTFLAG = 0x40,
                               RINVESMCLASS = 0x43, RCNTSUBDL = 0x44, RSUBMITFAIL = 0x45,
                               RINVSRCTON = 0x48, RINVSRCNPI = 0x49, RINVDSTTON = 0x50,
                               RINVDSTNPI = 0x51, RINVSYSTYP = 0x53, RINVREPFLAG = 0x54,
                               RTHROTTLED = 0x58, RINVSCHED = 0x61, RINVEXPIRY = 0x62,
                               RX_T_APPN = 0x64, RX_P_APPN = 0x65, RX_R_APPN = 0x66,
                               RINVTLVSTREAM = 0xC0, RTLVNOTALLWD = 0xC1, RINVTLVLEN = 0xC2,
                               RMISSINGTLV = 0xC3, RINVDCS = 0x104, RBCASTCANCELFAIL = 0x10F;
}  // namespace status

namespace tag {
inline constexpr std::uint16_t dest_addr_subunit = 0x0005, receipted_message_id = 0x001E,
                               user_message_reference = 0x0204, source_port = 0x020A,
                               sar_msg_ref_num = 0x020C, sar_total_segments = 0x020E,
                               sar_segment_seqnum = 0x020F, sc_interface_version = 0x0210,
                               callback_num = 0x0381, message_payload = 0x0424,
                               message_state = 0x0427, broadcast_content_type = 0x0601,
                               broadcast_rep_num = 0x0604, broadcast_frequency_interval = 0x0605,
                               broadcast_area_identifier = 0x0606;
}  // namespace tag

}  // namespace ringgate::hostile
