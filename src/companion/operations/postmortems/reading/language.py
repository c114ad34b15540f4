"""Which language a document is in, as far as the rules need to know: English, or not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from companion.operations.postmortems.document import Section

_COMMON = {
    "en": "the and of to was is that for were with on we not this from which had be are it by",
    "fr": "le la les des est une dans pour que qui sur avec pas nous été du et au par ce",
    "de": "der die das und ist nicht ein eine mit auf für wir wurde war von dem den zu als auch",
    "es": "el los las una que con por para del se fue no en y al como más lo su estaba",
    "pt": "os uma que com por para do da não em foi ao mais dos das nos pelo pela são um",
    "it": "il che di una per con non del della è sono nel alla gli le dei stato abbiamo più si",
    "nl": "de het een van en niet dat is op met voor werd was door ook naar wij deze zijn er",
}
_OF = {word: [code for code, words in _COMMON.items() if word in words.split()]
       for word in {word for words in _COMMON.values() for word in words.split()}}  # fmt: skip


def language_of(sections: Sequence[Section], title: str) -> str:
    """Give the code of a language, ``en`` for a text too short to tell, or ``?`` for letters that we do not know."""
    text = "\n".join([title, *(f"{section.heading}\n{section.text}" for section in sections)])[:20_000]
    letters = [char for char in text if char.isalpha()]
    kana, han = (
        sum(low <= char <= high for char in letters) for low, high in (("\u3041", "\u30ff"), ("\u4e00", "\u9fff"))
    )
    if 5 * (kana + han) > len(letters):
        return "ja" if 10 * kana > han else "zh"
    if 2 * sum(char > "\u024f" for char in letters) > len(letters):
        return "?"
    hits = Counter(code for word in re.findall(r"[^\W\d_]+", text.lower()) for code in _OF.get(word, ()))
    if not hits:
        return "en"
    best, most = hits.most_common(1)[0]
    return "en" if hits["en"] == most or most < 5 else best
