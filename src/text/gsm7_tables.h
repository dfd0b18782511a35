// The 7-bit tables of 3GPP TS 23.038: facts only, read by gsm7.cc.
//
// A locking row replaces the default alphabet: 128 characters in the order of their codes, eight to
// a line. A single-shift row replaces the extension table: what ESC and a code mean. U+FFFF marks a
// code without a character (ESC itself included, which gsm7.cc treats before it looks here).
//
// The national tables were compared cell by cell between independent readings of releases 9 to 18
// of the standard. Where those differ the majority, which is also the plausible character, holds:
// Kannada 0x24 is U+0CA1 (the standard prints 0CAA, which stands at 0x3D as well), 0x2C of the
// Indic locking tables is a comma, Telugu has the euro sign. Spanish has a single-shift table only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "text/gsm7.h"

namespace ringgate::gsm7_tables {

/// No character has this code.
inline constexpr char16_t undefined = 0xFFFF;

struct LockingRow {
  Gsm7Shift language;
  std::u16string_view characters;
};

inline constexpr LockingRow locking_rows[] = {
    // 6.2.1, the default alphabet
    {Gsm7Shift::none,
     u"@\u00A3$\u00A5\u00E8\u00E9\u00F9\u00EC"
     u"\u00F2\u00C7\n\u00D8\u00F8\r\u00C5\u00E5"
     u"\u0394_\u03A6\u0393\u039B\u03A9\u03A0\u03A8"
     u"\u03A3\u0398\u039E\uFFFF\u00C6\u00E6\u00DF\u00C9"
     u" !\"#\u00A4%&'"
     u"()*+,-./"
     u"01234567"
     u"89:;<=>?"
     u"\u00A1ABCDEFG"
     u"HIJKLMNO"
     u"PQRSTUVW"
     u"XYZ\u00C4\u00D6\u00D1\u00DC\u00A7"
     u"\u00BFabcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u00E4\u00F6\u00F1\u00FC\u00E0"},
    // A.3.1
    {Gsm7Shift::turkish,
     u"@\u00A3$\u00A5\u20AC\u00E9\u00F9\u0131"
     u"\u00F2\u00C7\n\u011E\u011F\r\u00C5\u00E5"
     u"\u0394_\u03A6\u0393\u039B\u03A9\u03A0\u03A8"
     u"\u03A3\u0398\u039E\uFFFF\u015E\u015F\u00DF\u00C9"
     u" !\"#\u00A4%&'"
     u"()*+,-./"
     u"01234567"
     u"89:;<=>?"
     u"\u0130ABCDEFG"
     u"HIJKLMNO"
     u"PQRSTUVW"
     u"XYZ\u00C4\u00D6\u00D1\u00DC\u00A7"
     u"\u00E7abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u00E4\u00F6\u00F1\u00FC\u00E0"},
    // A.3.3
    {Gsm7Shift::portuguese,
     u"@\u00A3$\u00A5\u00EA\u00E9\u00FA\u00ED"
     u"\u00F3\u00E7\n\u00D4\u00F4\r\u00C1\u00E1"
     u"\u0394_\u00AA\u00C7\u00C0\u221E^\\"
     u"\u20AC\u00D3|\uFFFF\u00C2\u00E2\u00CA\u00C9"
     u" !\"#\u00BA%&'"
     u"()*+,-./"
     u"01234567"
     u"89:;<=>?"
     u"\u00CDABCDEFG"
     u"HIJKLMNO"
     u"PQRSTUVW"
     u"XYZ\u00C3\u00D5\u00DA\u00DC\u00A7"
     u"~abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u00E3\u00F5`\u00FC\u00E0"},
    // A.3.4
    {Gsm7Shift::bengali,
     u"\u0981\u0982\u0983\u0985\u0986\u0987\u0988\u0989"
     u"\u098A\u098B\n\u098C\uFFFF\r\uFFFF\u098F"
     u"\u0990\uFFFF\uFFFF\u0993\u0994\u0995\u0996\u0997"
     u"\u0998\u0999\u099A\uFFFF\u099B\u099C\u099D\u099E"
     u" !\u099F\u09A0\u09A1\u09A2\u09A3\u09A4"
     u")(\u09A5\u09A6,\u09A7.\u09A8"
     u"01234567"
     u"89:;\uFFFF\u09AA\u09AB?"
     u"\u09AC\u09AD\u09AE\u09AF\u09B0\uFFFF\u09B2\uFFFF"
     u"\uFFFF\uFFFF\u09B6\u09B7\u09B8\u09B9\u09BC\u09BD"
     u"\u09BE\u09BF\u09C0\u09C1\u09C2\u09C3\u09C4\uFFFF"
     u"\uFFFF\u09C7\u09C8\uFFFF\uFFFF\u09CB\u09CC\u09CD"
     u"\u09CEabcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u09D7\u09DC\u09DD\u09F0\u09F1"},
    // A.3.5
    {Gsm7Shift::gujarati,
     u"\u0A81\u0A82\u0A83\u0A85\u0A86\u0A87\u0A88\u0A89"
     u"\u0A8A\u0A8B\n\u0A8C\u0A8D\r\uFFFF\u0A8F"
     u"\u0A90\u0A91\uFFFF\u0A93\u0A94\u0A95\u0A96\u0A97"
     u"\u0A98\u0A99\u0A9A\uFFFF\u0A9B\u0A9C\u0A9D\u0A9E"
     u" !\u0A9F\u0AA0\u0AA1\u0AA2\u0AA3\u0AA4"
     u")(\u0AA5\u0AA6,\u0AA7.\u0AA8"
     u"01234567"
     u"89:;\uFFFF\u0AAA\u0AAB?"
     u"\u0AAC\u0AAD\u0AAE\u0AAF\u0AB0\uFFFF\u0AB2\u0AB3"
     u"\uFFFF\u0AB5\u0AB6\u0AB7\u0AB8\u0AB9\u0ABC\u0ABD"
     u"\u0ABE\u0ABF\u0AC0\u0AC1\u0AC2\u0AC3\u0AC4\u0AC5"
     u"\uFFFF\u0AC7\u0AC8\u0AC9\uFFFF\u0ACB\u0ACC\u0ACD"
     u"\u0AD0abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0AE0\u0AE1\u0AE2\u0AE3\u0AF1"},
    // A.3.6
    {Gsm7Shift::hindi,
     u"\u0901\u0902\u0903\u0905\u0906\u0907\u0908\u0909"
     u"\u090A\u090B\n\u090C\u090D\r\u090E\u090F"
     u"\u0910\u0911\u0912\u0913\u0914\u0915\u0916\u0917"
     u"\u0918\u0919\u091A\uFFFF\u091B\u091C\u091D\u091E"
     u" !\u091F\u0920\u0921\u0922\u0923\u0924"
     u")(\u0925\u0926,\u0927.\u0928"
     u"01234567"
     u"89:;\u0929\u092A\u092B?"
     u"\u092C\u092D\u092E\u092F\u0930\u0931\u0932\u0933"
     u"\u0934\u0935\u0936\u0937\u0938\u0939\u093C\u093D"
     u"\u093E\u093F\u0940\u0941\u0942\u0943\u0944\u0945"
     u"\u0946\u0947\u0948\u0949\u094A\u094B\u094C\u094D"
     u"\u0950abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0972\u097B\u097C\u097E\u097F"},
    // A.3.7
    {Gsm7Shift::kannada,
     u"\uFFFF\u0C82\u0C83\u0C85\u0C86\u0C87\u0C88\u0C89"
     u"\u0C8A\u0C8B\n\u0C8C\uFFFF\r\u0C8E\u0C8F"
     u"\u0C90\uFFFF\u0C92\u0C93\u0C94\u0C95\u0C96\u0C97"
     u"\u0C98\u0C99\u0C9A\uFFFF\u0C9B\u0C9C\u0C9D\u0C9E"
     u" !\u0C9F\u0CA0\u0CA1\u0CA2\u0CA3\u0CA4"
     u")(\u0CA5\u0CA6,\u0CA7.\u0CA8"
     u"01234567"
     u"89:;\uFFFF\u0CAA\u0CAB?"
     u"\u0CAC\u0CAD\u0CAE\u0CAF\u0CB0\u0CB1\u0CB2\u0CB3"
     u"\uFFFF\u0CB5\u0CB6\u0CB7\u0CB8\u0CB9\u0CBC\u0CBD"
     u"\u0CBE\u0CBF\u0CC0\u0CC1\u0CC2\u0CC3\u0CC4\uFFFF"
     u"\u0CC6\u0CC7\u0CC8\uFFFF\u0CCA\u0CCB\u0CCC\u0CCD"
     u"\u0CD5abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0CD6\u0CE0\u0CE1\u0CE2\u0CE3"},
    // A.3.8
    {Gsm7Shift::malayalam,
     u"\uFFFF\u0D02\u0D03\u0D05\u0D06\u0D07\u0D08\u0D09"
     u"\u0D0A\u0D0B\n\u0D0C\uFFFF\r\u0D0E\u0D0F"
     u"\u0D10\uFFFF\u0D12\u0D13\u0D14\u0D15\u0D16\u0D17"
     u"\u0D18\u0D19\u0D1A\uFFFF\u0D1B\u0D1C\u0D1D\u0D1E"
     u" !\u0D1F\u0D20\u0D21\u0D22\u0D23\u0D24"
     u")(\u0D25\u0D26,\u0D27.\u0D28"
     u"01234567"
     u"89:;\uFFFF\u0D2A\u0D2B?"
     u"\u0D2C\u0D2D\u0D2E\u0D2F\u0D30\u0D31\u0D32\u0D33"
     u"\u0D34\u0D35\u0D36\u0D37\u0D38\u0D39\uFFFF\u0D3D"
     u"\u0D3E\u0D3F\u0D40\u0D41\u0D42\u0D43\u0D44\uFFFF"
     u"\u0D46\u0D47\u0D48\uFFFF\u0D4A\u0D4B\u0D4C\u0D4D"
     u"\u0D57abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0D60\u0D61\u0D62\u0D63\u0D79"},
    // A.3.9
    {Gsm7Shift::oriya,
     u"\u0B01\u0B02\u0B03\u0B05\u0B06\u0B07\u0B08\u0B09"
     u"\u0B0A\u0B0B\n\u0B0C\uFFFF\r\uFFFF\u0B0F"
     u"\u0B10\uFFFF\uFFFF\u0B13\u0B14\u0B15\u0B16\u0B17"
     u"\u0B18\u0B19\u0B1A\uFFFF\u0B1B\u0B1C\u0B1D\u0B1E"
     u" !\u0B1F\u0B20\u0B21\u0B22\u0B23\u0B24"
     u")(\u0B25\u0B26,\u0B27.\u0B28"
     u"01234567"
     u"89:;\uFFFF\u0B2A\u0B2B?"
     u"\u0B2C\u0B2D\u0B2E\u0B2F\u0B30\uFFFF\u0B32\u0B33"
     u"\uFFFF\u0B35\u0B36\u0B37\u0B38\u0B39\u0B3C\u0B3D"
     u"\u0B3E\u0B3F\u0B40\u0B41\u0B42\u0B43\u0B44\uFFFF"
     u"\uFFFF\u0B47\u0B48\uFFFF\uFFFF\u0B4B\u0B4C\u0B4D"
     u"\u0B56abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0B57\u0B60\u0B61\u0B62\u0B63"},
    // A.3.10
    {Gsm7Shift::punjabi,
     u"\u0A01\u0A02\u0A03\u0A05\u0A06\u0A07\u0A08\u0A09"
     u"\u0A0A\uFFFF\n\uFFFF\uFFFF\r\uFFFF\u0A0F"
     u"\u0A10\uFFFF\uFFFF\u0A13\u0A14\u0A15\u0A16\u0A17"
     u"\u0A18\u0A19\u0A1A\uFFFF\u0A1B\u0A1C\u0A1D\u0A1E"
     u" !\u0A1F\u0A20\u0A21\u0A22\u0A23\u0A24"
     u")(\u0A25\u0A26,\u0A27.\u0A28"
     u"01234567"
     u"89:;\uFFFF\u0A2A\u0A2B?"
     u"\u0A2C\u0A2D\u0A2E\u0A2F\u0A30\uFFFF\u0A32\u0A33"
     u"\uFFFF\u0A35\u0A36\uFFFF\u0A38\u0A39\u0A3C\uFFFF"
     u"\u0A3E\u0A3F\u0A40\u0A41\u0A42\uFFFF\uFFFF\uFFFF"
     u"\uFFFF\u0A47\u0A48\uFFFF\uFFFF\u0A4B\u0A4C\u0A4D"
     u"\u0A51abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0A70\u0A71\u0A72\u0A73\u0A74"},
    // A.3.11
    {Gsm7Shift::tamil,
     u"\uFFFF\u0B82\u0B83\u0B85\u0B86\u0B87\u0B88\u0B89"
     u"\u0B8A\uFFFF\n\uFFFF\uFFFF\r\u0B8E\u0B8F"
     u"\u0B90\uFFFF\u0B92\u0B93\u0B94\u0B95\uFFFF\uFFFF"
     u"\uFFFF\u0B99\u0B9A\uFFFF\uFFFF\u0B9C\uFFFF\u0B9E"
     u" !\u0B9F\uFFFF\uFFFF\uFFFF\u0BA3\u0BA4"
     u")(\uFFFF\uFFFF,\uFFFF.\u0BA8"
     u"01234567"
     u"89:;\u0BA9\u0BAA\uFFFF?"
     u"\uFFFF\uFFFF\u0BAE\u0BAF\u0BB0\u0BB1\u0BB2\u0BB3"
     u"\u0BB4\u0BB5\u0BB6\u0BB7\u0BB8\u0BB9\uFFFF\uFFFF"
     u"\u0BBE\u0BBF\u0BC0\u0BC1\u0BC2\uFFFF\uFFFF\uFFFF"
     u"\u0BC6\u0BC7\u0BC8\uFFFF\u0BCA\u0BCB\u0BCC\u0BCD"
     u"\u0BD0abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0BD7\u0BF0\u0BF1\u0BF2\u0BF9"},
    // A.3.12
    {Gsm7Shift::telugu,
     u"\u0C01\u0C02\u0C03\u0C05\u0C06\u0C07\u0C08\u0C09"
     u"\u0C0A\u0C0B\n\u0C0C\uFFFF\r\u0C0E\u0C0F"
     u"\u0C10\uFFFF\u0C12\u0C13\u0C14\u0C15\u0C16\u0C17"
     u"\u0C18\u0C19\u0C1A\uFFFF\u0C1B\u0C1C\u0C1D\u0C1E"
     u" !\u0C1F\u0C20\u0C21\u0C22\u0C23\u0C24"
     u")(\u0C25\u0C26,\u0C27.\u0C28"
     u"01234567"
     u"89:;\uFFFF\u0C2A\u0C2B?"
     u"\u0C2C\u0C2D\u0C2E\u0C2F\u0C30\u0C31\u0C32\u0C33"
     u"\uFFFF\u0C35\u0C36\u0C37\u0C38\u0C39\uFFFF\u0C3D"
     u"\u0C3E\u0C3F\u0C40\u0C41\u0C42\u0C43\u0C44\uFFFF"
     u"\u0C46\u0C47\u0C48\uFFFF\u0C4A\u0C4B\u0C4C\u0C4D"
     u"\u0C55abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0C56\u0C60\u0C61\u0C62\u0C63"},
    // A.3.13
    {Gsm7Shift::urdu,
     u"\u0627\u0622\u0628\u067B\u0680\u067E\u06A6\u062A"
     u"\u06C2\u067F\n\u0679\u067D\r\u067A\u067C"
     u"\u062B\u062C\u0681\u0684\u0683\u0685\u0686\u0687"
     u"\u062D\u062E\u062F\uFFFF\u068C\u0688\u0689\u068A"
     u" !\u068F\u068D\u0630\u0631\u0691\u0693"
     u")(\u0699\u0632,\u0696.\u0698"
     u"01234567"
     u"89:;\u069A\u0633\u0634?"
     u"\u0635\u0636\u0637\u0638\u0639\u0641\u0642\u06A9"
     u"\u06AA\u06AB\u06AF\u06B3\u06B1\u0644\u0645\u0646"
     u"\u06BA\u06BB\u06BC\u0648\u06C4\u06D5\u06C1\u06BE"
     u"\u0621\u06CC\u06D0\u06D2\u064D\u0650\u064F\u0657"
     u"\u0654abcdefg"
     u"hijklmno"
     u"pqrstuvw"
     u"xyz\u0655\u0651\u0653\u0656\u0670"},
};

/// ESC and `code` mean `character`.
struct Extension {
  std::uint8_t code;
  char16_t character;
};

/// 6.2.1.1: the extension of the default alphabet. Every national single-shift table contains it.
inline constexpr Extension default_extension[] = {
    {0x0A, 0x000C}, {0x14, 0x005E}, {0x28, 0x007B}, {0x29, 0x007D}, {0x2F, 0x005C},
    {0x3C, 0x005B}, {0x3D, 0x007E}, {0x3E, 0x005D}, {0x40, 0x007C}, {0x65, 0x20AC}};

/// What the single-shift tables of Bengali to Urdu (A.2.4 to A.2.13) share: the signs and capital
/// letters that their locking tables gave up.
inline constexpr Extension indic_extension[] = {
    {0x00, 0x0040}, {0x01, 0x00A3}, {0x02, 0x0024}, {0x03, 0x00A5}, {0x04, 0x00BF}, {0x05, 0x0022},
    {0x06, 0x00A4}, {0x07, 0x0025}, {0x08, 0x0026}, {0x09, 0x0027}, {0x0B, 0x002A}, {0x0C, 0x002B},
    {0x0E, 0x002D}, {0x0F, 0x002F}, {0x10, 0x003C}, {0x11, 0x003D}, {0x12, 0x003E}, {0x13, 0x00A1},
    {0x15, 0x00A1}, {0x16, 0x005F}, {0x17, 0x0023}, {0x18, 0x002A}, {0x41, 0x0041}, {0x42, 0x0042},
    {0x43, 0x0043}, {0x44, 0x0044}, {0x45, 0x0045}, {0x46, 0x0046}, {0x47, 0x0047}, {0x48, 0x0048},
    {0x49, 0x0049}, {0x4A, 0x004A}, {0x4B, 0x004B}, {0x4C, 0x004C}, {0x4D, 0x004D}, {0x4E, 0x004E},
    {0x4F, 0x004F}, {0x50, 0x0050}, {0x51, 0x0051}, {0x52, 0x0052}, {0x53, 0x0053}, {0x54, 0x0054},
    {0x55, 0x0055}, {0x56, 0x0056}, {0x57, 0x0057}, {0x58, 0x0058}, {0x59, 0x0059}, {0x5A, 0x005A}};

inline constexpr Extension turkish_extension[] = {  // A.2.1
    {0x47, 0x011E}, {0x49, 0x0130}, {0x53, 0x015E}, {0x63, 0x00E7},
    {0x67, 0x011F}, {0x69, 0x0131}, {0x73, 0x015F}};

inline constexpr Extension spanish_extension[] = {  // A.2.2
    {0x09, 0x00E7}, {0x41, 0x00C1}, {0x49, 0x00CD}, {0x4F, 0x00D3}, {0x55, 0x00DA},
    {0x61, 0x00E1}, {0x69, 0x00ED}, {0x6F, 0x00F3}, {0x75, 0x00FA}};

inline constexpr Extension portuguese_extension[] = {  // A.2.3
    {0x05, 0x00EA}, {0x09, 0x00E7}, {0x0B, 0x00D4}, {0x0C, 0x00F4}, {0x0E, 0x00C1}, {0x0F, 0x00E1},
    {0x12, 0x03A6}, {0x13, 0x0393}, {0x15, 0x03A9}, {0x16, 0x03A0}, {0x17, 0x03A8}, {0x18, 0x03A3},
    {0x19, 0x0398}, {0x1F, 0x00CA}, {0x41, 0x00C0}, {0x49, 0x00CD}, {0x4F, 0x00D3}, {0x55, 0x00DA},
    {0x5B, 0x00C3}, {0x5C, 0x00D5}, {0x61, 0x00C2}, {0x69, 0x00ED}, {0x6F, 0x00F3}, {0x75, 0x00FA},
    {0x7B, 0x00E3}, {0x7C, 0x00F5}, {0x7F, 0x00E2}};

inline constexpr Extension bengali_extension[] = {  // A.2.4
    {0x19, 0x09E6}, {0x1A, 0x09E7}, {0x1C, 0x09E8}, {0x1D, 0x09E9}, {0x1E, 0x09EA}, {0x1F, 0x09EB},
    {0x20, 0x09EC}, {0x21, 0x09ED}, {0x22, 0x09EE}, {0x23, 0x09EF}, {0x24, 0x09DF}, {0x25, 0x09E0},
    {0x26, 0x09E1}, {0x27, 0x09E2}, {0x2A, 0x09E3}, {0x2B, 0x09F2}, {0x2C, 0x09F3}, {0x2D, 0x09F4},
    {0x2E, 0x09F5}, {0x30, 0x09F6}, {0x31, 0x09F7}, {0x32, 0x09F8}, {0x33, 0x09F9}, {0x34, 0x09FA}};

inline constexpr Extension gujarati_extension[] = {  // A.2.5
    {0x19, 0x0964}, {0x1A, 0x0965}, {0x1C, 0x0AE6}, {0x1D, 0x0AE7}, {0x1E, 0x0AE8}, {0x1F, 0x0AE9},
    {0x20, 0x0AEA}, {0x21, 0x0AEB}, {0x22, 0x0AEC}, {0x23, 0x0AED}, {0x24, 0x0AEE}, {0x25, 0x0AEF}};

inline constexpr Extension hindi_extension[] = {  // A.2.6
    {0x19, 0x0964}, {0x1A, 0x0965}, {0x1C, 0x0966}, {0x1D, 0x0967}, {0x1E, 0x0968}, {0x1F, 0x0969},
    {0x20, 0x096A}, {0x21, 0x096B}, {0x22, 0x096C}, {0x23, 0x096D}, {0x24, 0x096E}, {0x25, 0x096F},
    {0x26, 0x0951}, {0x27, 0x0952}, {0x2A, 0x0953}, {0x2B, 0x0954}, {0x2C, 0x0958}, {0x2D, 0x0959},
    {0x2E, 0x095A}, {0x30, 0x095B}, {0x31, 0x095C}, {0x32, 0x095D}, {0x33, 0x095E}, {0x34, 0x095F},
    {0x35, 0x0960}, {0x36, 0x0961}, {0x37, 0x0962}, {0x38, 0x0963}, {0x39, 0x0970}, {0x3A, 0x0971}};

inline constexpr Extension kannada_extension[] = {  // A.2.7
    {0x19, 0x0964}, {0x1A, 0x0965}, {0x1C, 0x0CE6}, {0x1D, 0x0CE7}, {0x1E, 0x0CE8},
    {0x1F, 0x0CE9}, {0x20, 0x0CEA}, {0x21, 0x0CEB}, {0x22, 0x0CEC}, {0x23, 0x0CED},
    {0x24, 0x0CEE}, {0x25, 0x0CEF}, {0x26, 0x0CDE}, {0x27, 0x0CF1}, {0x2A, 0x0CF2}};

inline constexpr Extension malayalam_extension[] = {  // A.2.8
    {0x19, 0x0964}, {0x1A, 0x0965}, {0x1C, 0x0D66}, {0x1D, 0x0D67}, {0x1E, 0x0D68}, {0x1F, 0x0D69},
    {0x20, 0x0D6A}, {0x21, 0x0D6B}, {0x22, 0x0D6C}, {0x23, 0x0D6D}, {0x24, 0x0D6E}, {0x25, 0x0D6F},
    {0x26, 0x0D70}, {0x27, 0x0D71}, {0x2A, 0x0D72}, {0x2B, 0x0D73}, {0x2C, 0x0D74}, {0x2D, 0x0D75},
    {0x2E, 0x0D7A}, {0x30, 0x0D7B}, {0x31, 0x0D7C}, {0x32, 0x0D7D}, {0x33, 0x0D7E}, {0x34, 0x0D7F}};

inline constexpr Extension oriya_extension[] = {  // A.2.9
    {0x19, 0x0964}, {0x1A, 0x0965}, {0x1C, 0x0B66}, {0x1D, 0x0B67}, {0x1E, 0x0B68}, {0x1F, 0x0B69},
    {0x20, 0x0B6A}, {0x21, 0x0B6B}, {0x22, 0x0B6C}, {0x23, 0x0B6D}, {0x24, 0x0B6E}, {0x25, 0x0B6F},
    {0x26, 0x0B5C}, {0x27, 0x0B5D}, {0x2A, 0x0B5F}, {0x2B, 0x0B70}, {0x2C, 0x0B71}};

inline constexpr Extension punjabi_extension[] = {  // A.2.10
    {0x19, 0x0964}, {0x1A, 0x0965}, {0x1C, 0x0A66}, {0x1D, 0x0A67}, {0x1E, 0x0A68}, {0x1F, 0x0A69},
    {0x20, 0x0A6A}, {0x21, 0x0A6B}, {0x22, 0x0A6C}, {0x23, 0x0A6D}, {0x24, 0x0A6E}, {0x25, 0x0A6F},
    {0x26, 0x0A59}, {0x27, 0x0A5A}, {0x2A, 0x0A5B}, {0x2B, 0x0A5C}, {0x2C, 0x0A5E}, {0x2D, 0x0A75}};

inline constexpr Extension tamil_extension[] = {  // A.2.11
    {0x19, 0x0964}, {0x1A, 0x0965}, {0x1C, 0x0BE6}, {0x1D, 0x0BE7}, {0x1E, 0x0BE8},
    {0x1F, 0x0BE9}, {0x20, 0x0BEA}, {0x21, 0x0BEB}, {0x22, 0x0BEC}, {0x23, 0x0BED},
    {0x24, 0x0BEE}, {0x25, 0x0BEF}, {0x26, 0x0BF3}, {0x27, 0x0BF4}, {0x2A, 0x0BF5},
    {0x2B, 0x0BF6}, {0x2C, 0x0BF7}, {0x2D, 0x0BF8}, {0x2E, 0x0BFA}};

inline constexpr Extension telugu_extension[] = {  // A.2.12
    {0x1C, 0x0C66}, {0x1D, 0x0C67}, {0x1E, 0x0C68}, {0x1F, 0x0C69}, {0x20, 0x0C6A},
    {0x21, 0x0C6B}, {0x22, 0x0C6C}, {0x23, 0x0C6D}, {0x24, 0x0C6E}, {0x25, 0x0C6F},
    {0x26, 0x0C58}, {0x27, 0x0C59}, {0x2A, 0x0C78}, {0x2B, 0x0C79}, {0x2C, 0x0C7A},
    {0x2D, 0x0C7B}, {0x2E, 0x0C7C}, {0x30, 0x0C7D}, {0x31, 0x0C7E}, {0x32, 0x0C7F}};

inline constexpr Extension urdu_extension[] = {  // A.2.13
    {0x19, 0x0600}, {0x1A, 0x0601}, {0x1C, 0x06F0}, {0x1D, 0x06F1}, {0x1E, 0x06F2}, {0x1F, 0x06F3},
    {0x20, 0x06F4}, {0x21, 0x06F5}, {0x22, 0x06F6}, {0x23, 0x06F7}, {0x24, 0x06F8}, {0x25, 0x06F9},
    {0x26, 0x060C}, {0x27, 0x060D}, {0x2A, 0x060E}, {0x2B, 0x060F}, {0x2C, 0x0610}, {0x2D, 0x0611},
    {0x2E, 0x0612}, {0x30, 0x0613}, {0x31, 0x0614}, {0x32, 0x061B}, {0x33, 0x061F}, {0x34, 0x0640},
    {0x35, 0x0652}, {0x36, 0x0658}, {0x37, 0x066B}, {0x38, 0x066C}, {0x39, 0x0672}, {0x3A, 0x0673},
    {0x3B, 0x06CD}, {0x3F, 0x06D4}};

struct SingleRow {
  Gsm7Shift language;
  std::span<const Extension> shared;  ///< besides default_extension; may be empty
  std::span<const Extension> own;
};

inline constexpr SingleRow single_rows[] = {
    {Gsm7Shift::none, {}, {}},
    {Gsm7Shift::turkish, {}, turkish_extension},
    {Gsm7Shift::spanish, {}, spanish_extension},
    {Gsm7Shift::portuguese, {}, portuguese_extension},
    {Gsm7Shift::bengali, indic_extension, bengali_extension},
    {Gsm7Shift::gujarati, indic_extension, gujarati_extension},
    {Gsm7Shift::hindi, indic_extension, hindi_extension},
    {Gsm7Shift::kannada, indic_extension, kannada_extension},
    {Gsm7Shift::malayalam, indic_extension, malayalam_extension},
    {Gsm7Shift::oriya, indic_extension, oriya_extension},
    {Gsm7Shift::punjabi, indic_extension, punjabi_extension},
    {Gsm7Shift::tamil, indic_extension, tamil_extension},
    {Gsm7Shift::telugu, indic_extension, telugu_extension},
    {Gsm7Shift::urdu, indic_extension, urdu_extension},
};

}  // namespace ringgate::gsm7_tables
