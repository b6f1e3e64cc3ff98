"""Tokenizers and changes of texts on both sides: MindSpore's expression and the spec's word."""

TEXTS = (
    "Hello, World! It's  2024.",
    "  \t leading and trailing \n",
    "",
    "Ünïcödé ÀÉ straße ﬁ ǅ İ ſ",
    "中文字符 mixed text中文",
    "[CLS] Hello [MASK] unaffable[SEP]",
    "[CLS] Hello [SEP] World",
    "Ab [UNK] Cd [unused1] Ef",
    "[CLS[SEP] Xy",
    "a\u00adb\u200bc\ufffd",
    "fullwidth ＡＢＣ １２",
    "e\u0301 combining",
    "emoji 😀 done",
    "can't stop-word_under",
    "tab\tnew\nline\r\nend",
)
WORDS = (("unaffable", "hello", "xyz", "hellox", "a", "中文"), ("world", "it"), ("",), ("a", "b"))
VOCABULARY = (
    *("[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "hello", "world", "it", "'"),
    *("s", "20", "##24", ".", ",", "!", "中", "文", "##cd", "a", "ab"),
)
"""As ``vocab.txt``, a token a line."""

_BASIC = {
    "": ("", ""),
    "lower": ("lower_case=True", "lower_case = true"),
    "keep": ("keep_whitespace=True", "keep_whitespace = true"),
    "nfkc": (
        "normalization_form=text.NormalizeForm.NFKC, preserve_unused_token=False",
        'normalization_form = "NFKC", preserve_unused_token = false',
    ),
    "lower_all": (
        "lower_case=True, preserve_unused_token=False",
        "lower_case = true, preserve_unused_token = false",
    ),
}
OF_TEXTS = {
    "scripts": ("text.UnicodeScriptTokenizer()", "UnicodeScriptTokenizer()"),
    "scripts_and_space": (
        "text.UnicodeScriptTokenizer(keep_whitespace=True)",
        "UnicodeScriptTokenizer(keep_whitespace = true)",
    ),
    "chars": ("text.UnicodeCharTokenizer()", "UnicodeCharTokenizer()"),
    "fold": ("text.CaseFold()", "CaseFold()"),
    **{
        f"form_{form}": (
            f"text.NormalizeUTF8(text.NormalizeForm.{form})",
            f'NormalizeUTF8("{form}")',
        )
        for form in ("NONE", "NFC", "NFKC", "NFD", "NFKD")
    },
    "regex": (r'text.RegexTokenizer("\\s+")', r'RegexTokenizer("\\s+")'),
    "regex_keep": (
        r'text.RegexTokenizer("[ ]+|[,!.]", "[,!.]")',
        r'RegexTokenizer("[ ]+|[,!.]", "[,!.]")',
    ),
    "replace": (
        'text.RegexReplace("([aeiou])+", "<$1$0>")',
        'RegexReplace("([aeiou])+", "<$1$0>")',
    ),
    "replace_first": ('text.RegexReplace("[ ]+", "_", False)', 'RegexReplace("[ ]+", "_", false)'),
    **{
        f"basic_{name}": (f"text.BasicTokenizer({theirs})", f"BasicTokenizer({ours})")
        for name, (theirs, ours) in _BASIC.items()
    },
    **{
        f"bert_{name}": (
            f"text.BertTokenizer(vocab, {theirs})",
            f'BertTokenizer("vocab.txt", {ours})',
        )
        for name, (theirs, ours) in _BASIC.items()
    },
}
OF_WORDS = {
    "pieces": ("text.WordpieceTokenizer(vocab)", 'WordpieceTokenizer("vocab.txt")'),
    "pieces_known": (
        'text.WordpieceTokenizer(vocab, unknown_token="")',
        'WordpieceTokenizer("vocab.txt", unknown_token = "")',
    ),
    "pieces_short": (
        'text.WordpieceTokenizer(vocab, "##", 4)',
        'WordpieceTokenizer("vocab.txt", "##", 4)',
    ),
    "grams": ("text.Ngram(2)", "Ngram([2])"),
    "grams_several": (
        'text.Ngram([1, 3], ("_", 5), ("~", 1), "-")',
        'Ngram([1, 3], ["_", 5], ["~", 1], "-")',
    ),
    "grams_long": ("text.Ngram([3, 1])", "Ngram([3, 1])"),
}
