"""What a single text smells of, and what it does not."""

from __future__ import annotations

import pytest

from batchgen.proofreading.smells import KINDS, smells

SMELLING = [
    ("unreplaced_placeholder", "Hello {{ first_name }}, welcome."),
    ("unreplaced_placeholder", "Hello {first_name}, welcome."),
    ("unreplaced_placeholder", "Hello ${name}, welcome."),
    ("unreplaced_placeholder", "Hello [FIRST NAME], welcome."),
    ("unreplaced_placeholder", "Hello [First Name], welcome."),
    ("unreplaced_placeholder", "Hello %NAME%, welcome."),
    ("unreplaced_placeholder", "Hello <<Name>>, welcome."),
    ("unreplaced_placeholder", "Hello «FirstName», welcome."),
    ("unreplaced_placeholder", "Hello <NAME>, welcome."),
    ("greeting_without_name", "Hi , welcome."),
    ("greeting_without_name", "Good morning, all. Hello !"),
    ("greeting_without_name", "Guten Tag , schön, dass Sie da sind."),
    ("greeting_without_name", "Bonjour , bienvenue."),
    ("greeting_without_name", "Bonjour  ! Bienvenue."),
    ("greeting_without_name", "Hola , bienvenida."),
    ("greeting_without_name", "Привет , рады вас видеть."),
    ("greeting_without_name", "こんにちは、さん。ようこそ。"),
    ("greeting_without_name", "안녕하세요 님, 반갑습니다."),
    ("greeting_without_name", "नमस्ते , आपका स्वागत है।"),
    ("greeting_without_name", "مرحبا ، أهلا بك."),
    ("all_capitals", "This is IMPORTANT for you."),
    ("all_capitals", "Now: CALL US NOW please."),
    ("all_capitals", "Das ist GROẞARTIGÄ."),
    ("all_capitals", "Это ОЧЕНЬ ВАЖНО ДЛЯ вас."),
    ("email_spoken", "Write to anna.lee@example.com today."),
    ("link_spoken", "See https://example.com/a?b=c for more."),
    ("link_spoken", "See www.example.com for more."),
    ("link_spoken", "See example.com/offer for more."),
    ("unspeakable_character", "Welcome 🎉 Anna."),
    ("unspeakable_character", "Welcome\x07 Anna."),
    ("unspeakable_character", "Welcome \ue001 Anna."),
    ("unspeakable_character", "✓ Welcome, Zoë."),
    ("garbled_text", "Welcome AndrÃ©, dear."),
    ("garbled_text", "It\u00e2\u20ac\u2122s your day."),
    ("garbled_text", "GrÃ¼ÃŸe aus Ulm."),
    ("garbled_text", "Welcome Andr\ufffd, dear."),
]

PLAIN = [
    "Hi there, welcome. Hello! How are you? Dear Anna, good morning.",
    "Hi, welcome. Hello: this is for you - and for you ... as well.",
    "Bonjour ! Comment allez-vous ? Très bien : merci.",
    "The NATO and the EU, UNESCO, the USA and IBM met in the UK.",
    "USA UK EU met.",
    "We give 20 % off 100 % of all items [sic] and {} or x < y > z.",
    "Visit acme.com, e.g. on Monday and/or Tuesday, 24/7.",
    'Wait <break time="1.5s"/> for it.',
    "Zoë, Łukasz, Ångström, Ñuñoa, Âge, Ärger, Façade – “quoted” … it’s 5 € and 3 °C, © Acme™.",
    "两行\n你好，安娜！欢迎。",
    "سلام دنیا، می‌خواهم. שלום אנה!",
    "This lasts\tone\nline or two.",
]


@pytest.mark.parametrize(("kind", "script"), SMELLING)
def test_a_smell_is_found_where_it_is(kind: str, script: str) -> None:
    found = {smell.name: position for smell, position in smells(script, None)}
    assert set(found) == {kind}
    assert 0 <= found[kind] < len(script)


@pytest.mark.parametrize("script", PLAIN)
def test_good_prose_smells_of_nothing(script: str) -> None:
    assert [smell.name for smell, _ in smells(script, None)] == []


def test_every_kind_is_tried() -> None:
    assert {kind for kind, _ in SMELLING} == {kind.name for kind in KINDS} - {"other_language_than_voice"}


@pytest.mark.parametrize(
    ("locale", "script"),
    [
        ("ja-JP", "Hello Anna, welcome to Acme."),
        ("ja-JP", "안녕하세요 안나, 반갑습니다."),
        ("ko-KR", "こんにちは、ようこそ。"),
        ("zh-CN", "こんにちは、ようこそ。"),
        ("en-US", "Здравствуйте, Анна."),
        ("en-US", "Hello Anna, добро пожаловать."),
        ("de-DE", "γειά σου Άννα"),
        ("ru-RU", "Hello Anna, welcome."),
        ("uk", "مرحبا آنا"),
        ("ar-SA", "Hello Anna, welcome."),
        ("he-IL", "Hello Anna, welcome."),
        ("el_GR", "Hello Anna, welcome."),
        ("th-TH", "Hello Anna, welcome."),
        ("hi-IN", "Hello Anna, welcome."),
    ],
)
def test_a_script_in_other_letters_than_the_locales_is_told(locale: str, script: str) -> None:
    assert [smell.name for smell, _ in smells(script, locale)] == ["other_language_than_voice"]


@pytest.mark.parametrize(
    ("locale", "script"),
    [
        ("en-US", "Hello André, this is Acme. 100 %."),
        ("ja-JP", 'AcmeのAnna様、ようこそ。 <break time="2s"/>'),
        ("zh-CN", "你好，Anna，欢迎来到我们的公司。"),
        ("ru-RU", "Здравствуйте, Anna, это Acme."),
        ("sr-RS", "Zdravo Ana."),
        ("en-US", "The letter π and the sign Ω."),
        ("xx-XX", "Здравствуйте."),
        ("", "Здравствуйте."),
        ("en-US", "1, 2, 3!"),
    ],
)
def test_names_and_brands_in_other_letters_are_at_home_everywhere(locale: str, script: str) -> None:
    assert [smell.name for smell, _ in smells(script, locale)] == []
