"""Which language a document is in."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.reading.read import parse

TEXTS = {
    "en": "The pool was exhausted, and it is not known why the alert did not fire on that day. We were down for an "
    "hour.",
    "fr": "Le service a été interrompu pendant une heure et nous ne savons pas encore pourquoi. Les utilisateurs du "
    "site n'ont pas été prévenus dans la journée.",
    "de": "Der Dienst war eine Stunde lang nicht erreichbar, und wir wissen nicht, warum die Meldung nicht auf dem "
    "Schirm war. Das wurde behoben.",
    "es": "El servicio no estaba disponible y los usuarios que se conectaron no lo sabían. La causa fue una "
    "actualización de la base por el equipo.",
    "pt": "O serviço não estava disponível e os usuários não foram avisados. A causa foi uma atualização do banco que "
    "foi feita pela equipe em produção, mais uma vez.",
    "ja": "データベースの接続が足りなくなり、注文ができなくなりました。原因は新しいページでした。",
    "zh": "数据库连接耗尽，用户无法下单。原因是新页面的查询过多。",
    "?": "Служба была недоступна в течение часа, и мы не знаем почему.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_language_is_told_by_its_words_or_letters(code: str) -> None:
    assert parse(f"# X\n\n{TEXTS[code]}\n").language == code


@pytest.mark.parametrize("text", ["# Down", "# Down\n\n12:30 pool\n", "# OOM\n\nkubectl get pods\n"])
def test_a_text_too_short_to_tell_is_english(text: str) -> None:
    assert parse(text).language == "en"


def test_code_and_quotations_are_in_no_language() -> None:
    assert (
        parse(
            f"# X\n\n{TEXTS['en']}\n\n```\n{TEXTS['de']}\n{TEXTS['de']}\n```\n\n> {TEXTS['fr']} {TEXTS['fr']}\n"
        ).language
        == "en"
    )


def test_english_headings_over_another_language_do_not_make_it_english() -> None:
    assert (
        parse(f"# Outage\n\n## Summary\n\n{TEXTS['de']}\n\n## Timeline\n\n## Root cause\n\n{TEXTS['de']}\n").language
        == "de"
    )
