"""The decoder's rules one by one, and round trips through every spelling."""

import base64
import json
import unittest
from pathlib import Path

from dmoracle import Refusal, cli, pages
from dmoracle.infoset import parse, render
from dmoracle.vectors.cases_spelling import TEXT, rich
from dmoracle.wbxml_read import decode
from dmoracle.wbxml_write import TEXT_STYLES, Style, encode

OURS = Path(__file__).parents[3] / "docs" / "compact.json"

# a worked example: a whole small message, 106 octets
EXAMPLE = bytes.fromhex(
    "02A401 6A00 6D 6C 7103312E320001 7203444D2F312E320001 6503310001 5B03310001"
    "6E5703494D45493A31000101 675703" "7372762E6578616D706C65" "000101 01"
    "6B 604B03310001 546E57032E2F412F42000101 5A000147036368720001000001 4F0378000101 01 12 01 01"
    .replace(" ", ""))


def body(text):
    """A document with one Data in SyncBody holding the octets `text`."""
    return b"\x02\xA4\x01\x6A\x00\x6D\x6B\x4F" + text + b"\x01\x01\x01"


class Reading(unittest.TestCase):
    def text(self, octets):
        return decode(body(octets)).elements[0].elements[0].text

    def refused(self, octets, reason, offset=None):
        with self.assertRaises(Refusal) as caught:
            decode(octets)
        self.assertIn(reason, caught.exception.reason)
        if offset is not None:
            self.assertEqual(caught.exception.offset, offset)

    def test_worked_example(self):
        self.assertEqual(len(EXAMPLE), 106)
        self.assertIn('<Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data>x</Data>',
                      render(decode(EXAMPLE)))

    def test_runs_are_joined(self):
        self.assertEqual(self.text(b"\x03a\0\xC3\x02bc\x02\x64\x03\0"), "abcd")

    def test_refusals(self):
        self.refused(b"\0" + EXAMPLE[1:], "version", 0)
        self.refused(EXAMPLE + b"\x01", "after the root", 106)
        self.refused(EXAMPLE[:-1], "early")
        self.refused(body(b"\xC0"), "EXT")
        self.refused(body(b"\x43\x04\x00\x01"), "PI")
        self.refused(body(b"\x70\x01"), "not defined")
        self.refused(body(b"\0\x09\x05"), "page 9")
        self.refused(body(b"\x83\x00"), "outside the table")
        self.refused(body(b"\xC3\x7F"), "exceeds")
        self.refused(body(b"\x02\x83\xB0\x00"), "not allowed")
        self.refused(body(b"\x03\xC0\xAF\0"), "not utf-8")
        self.refused(body(b"\xC3\x90\x80\x80\x80\x01a"), "overflows")

    def test_octets_by_context(self):
        item = '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody><Add>{}<Item>{}<Data>{}</Data></Item>' \
               "</Add></SyncBody></SyncML>"
        meta = '<Meta><{0} xmlns="syncml:metinf">{1}</{0}></Meta>'
        octets_meta = (meta.format("Format", "bin"), meta.format("Type", "x/y+WBXML"))
        for where in octets_meta:
            for text in (item.format(where, "", "AAEC"), item.format("", where, "AAEC")):
                self.assertIn(b"\xC3\x03\0\1\2", encode(parse(text)))
        text = item.format(octets_meta[0], meta.format("Format", "chr"), "AAEC")
        self.assertIn(b"\x03AAEC\0", encode(parse(text)))

    def test_literal_with_a_token_is_refused(self):
        document = b"\x02\xA4\x01\x6A\x05Data\0\x6D\x44\x00\x01\x01"
        self.refused(document, "has a token")
        other = document.replace(b"Data", b"data")
        self.assertEqual(decode(other).elements[0].name, "data")


class RoundTrip(unittest.TestCase):
    def test_every_style_alone_and_many_together(self):
        root = rich()
        styles = [Style(text=x, charset=c) for x in TEXT_STYLES for c in (106, 3, 4, 0)]
        styles += [Style(redundant_switch=True), Style(unminimal_mb=True), Style(xmlns_on_tokens=True),
                   Style(empty="text"), Style(public_id="string", string_table="padded")]
        styles += [Style.draw(n) for n in range(400)]
        for style in styles:
            self.assertEqual(render(decode(encode(root, style))), render(root), style)

    def test_compact(self):
        table = pages.load_extra(cli.EXAMPLE_PAGES)
        octets = encode(rich(), Style(compact=True), table)
        self.assertEqual(decode(octets, table), rich())
        self.assertLess(len(octets), len(encode(rich())) - 300)
        for n in range(100):
            self.assertEqual(decode(encode(rich(), Style.draw(n, True), table), table), rich())

    def test_whole_elements(self):
        table = pages.load_extra(OURS)
        ds = "http://www.w3.org/2000/09/xmldsig#"
        shape = table["shapes"]["Signature with KeyName"]
        signature = (shape.replace("{0}", table["whole_elements"][0]["values"][0])
                     .replace("{octets}", base64.b64encode(b"d" * 32).decode(), 1)
                     .replace("{octets}", base64.b64encode(b"s" * 64).decode(), 1)
                     .replace("{text}", "k1"))
        text = f'<SyncML xmlns="SYNCML:SYNCML1.2">{signature}</SyncML>'
        octets = encode(parse(text), Style(compact=True, whole=True, public_id="unknown"), table)
        expected = (b"\2\1\x6A\0\x6D\0\x14\x45\xC3\x60" + b"d" * 32 + b"s" * 64 + b"\3k1\0\1\1")
        self.assertEqual(octets, expected)
        self.assertEqual(render(decode(octets, table)), render(parse(text)))
        other = text.replace("<SignedInfo>", '<SignedInfo Id="x">')
        self.assertNotIn(b"\x45\xC3", encode(parse(other), Style(compact=True, whole=True), table))
        self.assertIn(ds, text)
        for wrong in (octets[:8] + b"\1\1", octets.replace(b"\xC3\x60", b"\xC3\x1F")[:41] + b"\3k1\0\1\1",
                      octets.replace(b"\3k1\0", b""), octets.replace(b"\3k1\0", b"\3k1\0\3k1\0"),
                      octets.replace(b"\x14\x45", b"\x14\xC5")):
            with self.assertRaises(Refusal) as caught:
                decode(wrong, table)
            self.assertEqual(caught.exception.offset, 7, wrong)
        for n in range(50):
            style = Style.draw(n, True)
            style.whole = True
            self.assertEqual(decode(encode(parse(text), style, table), table), parse(text))

    def test_xml_keeps_every_character(self):
        self.assertIn("&#xD;\n end", render(rich()))
        self.assertEqual(render(parse(render(rich()))), render(rich()))
        self.assertIn(TEXT, [e.text for e in rich().walk()])

    def test_page_table_is_checked(self):
        table = json.loads(cli.EXAMPLE_PAGES.read_text(encoding="utf-8"))
        table["tag_pages"][0]["page"] = 2
        with self.assertRaises(Refusal):
            decode(EXAMPLE, table)


if __name__ == "__main__":
    unittest.main()
