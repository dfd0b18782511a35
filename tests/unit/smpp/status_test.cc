#include <ringgate/status.h>

#include <gtest/gtest.h>

#include <set>

namespace ringgate {
namespace {

// 5.0 §4.7.6, written a second time: code, name, and for codes that 3.4 does not know what a 3.4
// peer is told instead.
struct Expected {
  std::uint32_t code;
  const char* name;
  const char* older;
};

constexpr Expected expected[] = {
    {0x0000, "ESME_ROK", nullptr},
    {0x0001, "ESME_RINVMSGLEN", nullptr},
    {0x0002, "ESME_RINVCMDLEN", nullptr},
    {0x0003, "ESME_RINVCMDID", nullptr},
    {0x0004, "ESME_RINVBNDSTS", nullptr},
    {0x0005, "ESME_RALYBND", nullptr},
    {0x0006, "ESME_RINVPRTFLG", nullptr},
    {0x0007, "ESME_RINVREGDLVFLG", nullptr},
    {0x0008, "ESME_RSYSERR", nullptr},
    {0x000A, "ESME_RINVSRCADR", nullptr},
    {0x000B, "ESME_RINVDSTADR", nullptr},
    {0x000C, "ESME_RINVMSGID", nullptr},
    {0x000D, "ESME_RBINDFAIL", nullptr},
    {0x000E, "ESME_RINVPASWD", nullptr},
    {0x000F, "ESME_RINVSYSID", nullptr},
    {0x0011, "ESME_RCANCELFAIL", nullptr},
    {0x0013, "ESME_RREPLACEFAIL", nullptr},
    {0x0014, "ESME_RMSGQFUL", nullptr},
    {0x0015, "ESME_RINVSERTYP", nullptr},
    {0x0033, "ESME_RINVNUMDESTS", nullptr},
    {0x0034, "ESME_RINVDLNAME", nullptr},
    {0x0040, "ESME_RINVDESTFLAG", nullptr},
    {0x0042, "ESME_RINVSUBREP", nullptr},
    {0x0043, "ESME_RINVESMCLASS", nullptr},
    {0x0044, "ESME_RCNTSUBDL", nullptr},
    {0x0045, "ESME_RSUBMITFAIL", nullptr},
    {0x0048, "ESME_RINVSRCTON", nullptr},
    {0x0049, "ESME_RINVSRCNPI", nullptr},
    {0x0050, "ESME_RINVDSTTON", nullptr},
    {0x0051, "ESME_RINVDSTNPI", nullptr},
    {0x0053, "ESME_RINVSYSTYP", nullptr},
    {0x0054, "ESME_RINVREPFLAG", nullptr},
    {0x0055, "ESME_RINVNUMMSGS", nullptr},
    {0x0058, "ESME_RTHROTTLED", nullptr},
    {0x0061, "ESME_RINVSCHED", nullptr},
    {0x0062, "ESME_RINVEXPIRY", nullptr},
    {0x0063, "ESME_RINVDFTMSGID", nullptr},
    {0x0064, "ESME_RX_T_APPN", nullptr},
    {0x0065, "ESME_RX_P_APPN", nullptr},
    {0x0066, "ESME_RX_R_APPN", nullptr},
    {0x0067, "ESME_RQUERYFAIL", nullptr},
    {0x00C0, "ESME_RINVTLVSTREAM", nullptr},
    {0x00C1, "ESME_RTLVNOTALLWD", nullptr},
    {0x00C2, "ESME_RINVTLVLEN", nullptr},
    {0x00C3, "ESME_RMISSINGTLV", nullptr},
    {0x00C4, "ESME_RINVTLVVAL", nullptr},
    {0x00FE, "ESME_RDELIVERYFAILURE", nullptr},
    {0x00FF, "ESME_RUNKNOWNERR", nullptr},
    {0x0100, "ESME_RSERTYPUNAUTH", "ESME_RINVSERTYP"},
    {0x0101, "ESME_RPROHIBITED", "ESME_RSUBMITFAIL"},
    {0x0102, "ESME_RSERTYPUNAVAIL", "ESME_RINVSERTYP"},
    {0x0103, "ESME_RSERTYPDENIED", "ESME_RINVSERTYP"},
    {0x0104, "ESME_RINVDCS", "ESME_RSUBMITFAIL"},
    {0x0105, "ESME_RINVSRCADDRSUBUNIT", "ESME_RSUBMITFAIL"},
    {0x0106, "ESME_RINVDSTADDRSUBUNIT", "ESME_RSUBMITFAIL"},
    {0x0107, "ESME_RINVBCASTFREQINT", "ESME_RSYSERR"},
    {0x0108, "ESME_RINVBCASTALIAS_NAME", "ESME_RSYSERR"},
    {0x0109, "ESME_RINVBCASTAREAFMT", "ESME_RSYSERR"},
    {0x010A, "ESME_RINVNUMBCAST_AREAS", "ESME_RSYSERR"},
    {0x010B, "ESME_RINVBCASTCNTTYPE", "ESME_RSYSERR"},
    {0x010C, "ESME_RINVBCASTMSGCLASS", "ESME_RSYSERR"},
    {0x010D, "ESME_RBCASTFAIL", "ESME_RSYSERR"},
    {0x010E, "ESME_RBCASTQUERYFAIL", "ESME_RSYSERR"},
    {0x010F, "ESME_RBCASTCANCELFAIL", "ESME_RSYSERR"},
    {0x0110, "ESME_RINVBCAST_REP", "ESME_RSYSERR"},
    {0x0111, "ESME_RINVBCASTSRVGRP", "ESME_RSYSERR"},
    {0x0112, "ESME_RINVBCASTCHANIND", "ESME_RSYSERR"},
};

// Aim: the 67 rows say what the document says. Method: against the second copy above.
TEST(Status, RowsAgainstTheDocument) {
  ASSERT_EQ(status_rows.size(), 67u);
  ASSERT_EQ(std::size(expected), 67u);
  std::set<Status> seen;
  for (const Expected& row : expected) {
    const auto status = static_cast<Status>(row.code);
    EXPECT_TRUE(seen.insert(status).second) << row.name;
    const StatusRow* const found = status_row(status);
    ASSERT_NE(found, nullptr) << row.name;
    EXPECT_EQ(found->status, status);
    EXPECT_EQ(found->name, row.name);
    EXPECT_EQ(status_name(status), row.name);
    EXPECT_EQ(found->since, row.older == nullptr ? 0x34 : 0x50) << row.name;
  }
}

// Aim: peers below 5.0 are never sent a code that 3.4 reserves; 5.0 peers get every code as it is.
// Method: every row with the versions around each border.
TEST(Status, ForOlderPeers) {
  for (const Expected& row : expected) {
    const auto status = static_cast<Status>(row.code);
    for (const int version : {0x50, 0x51, 0xFF})
      EXPECT_EQ(status_for_version(status, static_cast<std::uint8_t>(version)), status);
    for (const int version : {0x00, 0x33, 0x34, 0x4F}) {
      const Status told = status_for_version(status, static_cast<std::uint8_t>(version));
      EXPECT_LT(static_cast<std::uint32_t>(told), 0x100u) << row.name;
      EXPECT_EQ(status_name(told), row.older == nullptr ? row.name : row.older);
    }
  }
}

// Aim: codes without a row keep their number, because vendors and peers use them. Method: the gaps
// and the vendor range.
TEST(Status, Reserved) {
  for (const std::uint32_t code : {0x0009u, 0x0010u, 0x0113u, 0x0400u, 0x04FFu, 0xFFFFFFFFu}) {
    const auto status = static_cast<Status>(code);
    EXPECT_EQ(status_row(status), nullptr);
    EXPECT_EQ(status_name(status), "reserved");
    EXPECT_EQ(status_for_version(status, 0x34), status);
  }
}

}  // namespace
}  // namespace ringgate
