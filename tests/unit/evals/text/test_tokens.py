"""Tokens of Korean and English: particles come off by stated rules only."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.text.particles import strip_particle
from pitwall.evals.text.sequences import contains_run, lcs_length
from pitwall.evals.text.stems import Vocabulary, stem
from pitwall.evals.text.tokens import clean, index_terms, morphemes, ngrams, tokenize, tokenizer, words


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("서울은", "서울"),
        ("대한민국의", "대한민국"),
        ("학교에서는", "학교"),
        ("집에서", "집"),
        ("사람들에게", "사람들"),
        ("보험금을", "보험금"),
        ("강아지는", "강아지"),
        ("고양이와", "고양이"),
        ("사무실로", "사무실"),
        ("회사로부터", "회사"),
    ],
)
def test_particle_comes_off(token: str, expected: str) -> None:
    """Where it suits the sound before it and at least two syllables stay."""
    assert strip_particle(token) == expected


@pytest.mark.parametrize(
    "token",
    [
        *("고양이", "어린이", "민주주의", "고속도로", "전문가", "산부인과", "제주도", "온도", "결과", "회의"),
        *(
            "나는",
            "물을",
            "국가",
            "바나나",
            "아이",
            "우유",
            "하늘",
            "가을",
            "마을",
            "자본주의",
            "소설가",
            "예술가",
        ),
    ],
)
def test_word_that_only_looks_like_it_stays(token: str) -> None:
    """No suffix is cut from an arbitrary word."""
    assert strip_particle(token) == token


@pytest.mark.parametrize(
    "token", ["책는", "나무은", "학교을", "사람를", "학교이", "사람가", "학교과", "사람와"]
)
def test_particle_that_does_not_suit_the_sound_is_none(token: str) -> None:
    """`은` follows a consonant and `는` a vowel; the other way round it belongs to the word."""
    assert strip_particle(token) == token


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("API는 GPT-4가 빠르다", ["api", "gpt", "4", "빠르다"]),
        ("보장금액은 1억원입니다", ["보장금액", "100000000KRW"]),
        ("(주)에서 만든 FAQ를", ["주", "만든", "faq"]),
        ("John's cat doesn't bite", ["john", "cat", "doesn't", "bite"]),
        ("ＡＢＣ １２３", ["abc", "123"]),
        ("It’s “fine”", ["it", "fine"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("", []),
        ("!!! …", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    """Latin words with Korean particles, numbers, typographic quotes, full-width letters."""
    assert words(text) == expected


def test_one_date_in_two_languages_is_the_same_words() -> None:
    """Year and day are told apart, so that one can be right without the other."""
    assert words("2024년 3월 5일") == words("March 5, 2024") == ["2024", "03-05"]


@settings(deadline=None)
@given(st.text(alphabet="가각간서울은는이가을를의에서 abcXYZ019.,억만원%'", max_size=60))
def test_typing_does_not_matter(text: str) -> None:
    """Composed and decomposed syllables give the same tokens."""
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))


@settings(deadline=None)
@given(st.text(max_size=80))
def test_tokens_stand_where_they_say(text: str) -> None:
    """Each place lies in the cleaned text, in order; no text makes it fail."""
    cleaned = clean(text)
    tokens = tokenize(cleaned)
    assert all(0 <= token.start < token.end <= len(cleaned) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    assert all(token.text for token in tokens)


def test_unknown_tokenizer_is_named() -> None:
    """The message says which there are."""
    with pytest.raises(ValueError, match="no tokenizer 'mecab'; there are words, plain, characters, kiwi"):
        tokenizer("mecab")


def test_kiwi_is_loaded_only_when_asked_for() -> None:
    """An extra of 200 MB is nobody's burden unless its tokenizer is named."""
    program = (
        "import sys; from pitwall.evals.text.tokens import tokenizer; "
        "tokenizer('words')('한국어 문장입니다'); tokenizer('kiwi'); print('kiwipiepy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_kiwi_gives_morphemes() -> None:
    """Words and particles apart, endings too, without punctuation."""
    pytest.importorskip("kiwipiepy")
    assert {"서울", "수도"} <= set(morphemes("서울은 대한민국의 수도이다."))
    assert "." not in morphemes("서울은 대한민국의 수도이다.")


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Kiwi the message says what to install; no other tokenizer takes its place."""
    from pitwall.evals.text import tokens

    tokens._kiwi.cache_clear()
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    with pytest.raises(ModuleNotFoundError, match=r"pitwall\[korean\]"):
        morphemes("한국어")


@pytest.mark.parametrize(
    ("one", "other"),
    [("studies", "study"), ("running", "run"), ("boxes", "box"), ("quickly", "quick"), ("baked", "bake")],
)
def test_english_endings_come_off(one: str, other: str) -> None:
    """Regular forms of one word have one stem."""
    assert stem(one) == stem(other)


@pytest.mark.parametrize("token", ["gas", "bus", "class", "the", "2024", "서울"])
def test_words_without_ending_keep_their_letters(token: str) -> None:
    """Nothing comes off a word that only ends so."""
    assert token.startswith(stem(token))
    assert len(token) - len(stem(token)) <= 1


def test_terms_of_an_index_do_not_depend_on_spaces_in_compounds() -> None:
    """Korean in pairs of syllables, without particles; all else as words, numbers as they are written."""
    assert index_terms("청약철회를") == ["청약", "약철", "철회"]
    assert set(index_terms("청약을 철회")) < set(index_terms("청약철회"))
    assert index_terms("The API는 1억 원") == ["the", "api", "1", "억", "원"]


def test_korean_word_is_found_by_another_form() -> None:
    """By how it begins, if that is two fifths of it or more."""
    known = Vocabulary(["가능하다", "보장금액", "물"])
    assert known.nearest("가능합니다") == "가능하다"
    assert known.nearest("물은") == "물"
    assert known.nearest("가난합니다") == "가난합니다"
    assert known.nearest("possible") == "possible"


def _slow_lcs(one: str, other: str) -> int:
    row = [0] * (len(other) + 1)
    for left in one:
        before = row[:]
        for place, right in enumerate(other, 1):
            row[place] = before[place - 1] + 1 if left == right else max(before[place], row[place - 1])
    return row[-1]


@settings(deadline=None)
@given(st.text(alphabet="abcd", max_size=80), st.text(alphabet="abcd", max_size=80))
def test_longest_common_subsequence_is_that_of_the_table(one: str, other: str) -> None:
    """The bits say the same as the textbook's table."""
    assert lcs_length(one, other) == _slow_lcs(one, other)


def test_run_of_words() -> None:
    """They must stand one after the other."""
    assert contains_run(["a", "b", "c"], ["b", "c"])
    assert not contains_run(["a", "b", "c"], ["a", "c"])
    assert not contains_run(["a"], [])


def test_ngrams() -> None:
    """In order, none from a text that is too short."""
    assert ngrams(["a", "b", "c"], 2) == [("a", "b"), ("b", "c")]
    assert ngrams("a", 2) == []
