"""The scripts of Unicode 15, by the names of its property Script."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

SCRIPTS = """
Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali
Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian
Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret
Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian
Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya
Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi
Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi
Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian
Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin
Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani
Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong
Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian
Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau
Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham
SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa
Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta
Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square
"""
_SPACE = r"\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
"""Characters that are white space (Unicode's White_Space)."""


class _Pattern(Protocol):
    def findall(self, text: str) -> list[str]: ...


@lru_cache(maxsize=1)
def _runs() -> _Pattern:
    """A run of white space of one script, or of other characters of one script."""
    import re2

    options = re2.Options()
    options.log_errors = False
    known = "".join(rf"\p{{{name}}}" for name in SCRIPTS.split())
    inside = (rf"[^\P{{{name}}}{_SPACE}]+" for name in SCRIPTS.split())
    spaces = (rf"[{_SPACE_OF[name]}]+" for name in _SPACE_OF)
    found: _Pattern = re2.compile("|".join([*inside, *spaces, f"[^{known}]+"]), options)
    return found


_SPACE_OF = {"Common": _SPACE.replace(r"\x{1680}", ""), "Ogham": r"\x{1680}"}


def runs_of_scripts(text: str) -> list[str]:
    """The longest parts of a text that are of one script, and white space or none of it."""
    return _runs().findall(text)


def is_space(run: str) -> bool:
    """Whether a run is white space."""
    return run[0].isspace() and run[0] not in "\x1c\x1d\x1e\x1f"
