import pytest

from apps.inventory.domain.naming import is_member_name, name_problems

GOOD = [
    ("member", "CBACT04C"),
    ("member", "A"),
    ("member", "@#$"),
    ("dataset", "PROD.CARDDEMO.ACCTDATA.VSAM.KSDS"),
    ("dataset", "INPFILE"),
    ("dataset", "A-B.C"),
    ("dataset", "&HLQ..LOADLIB"),
    ("dataset", "A2345678.B2345678.C2345678.D2345678.E2345678"),
    ("transaction", "CC00"),
    ("transaction", "c"),
    ("db2", "CARDCOLL.COTRTLIC"),
    ("db2", "LOC.COLL.PACKAGE"),
    ("db2", "COTRTLIC.*"),
    ("db2", "TRANSACTION_TYPE_CATEGORY"),
    ("mq", "CARD.PAUTH.REPLY"),
    ("ddname", "CBACT01C.ACCTFILE"),
    ("ddname", "SYSIN"),
    ("free", "SVC:CARD-AUTH"),
]
BAD = [
    ("member", "", "missing"),
    ("member", "TOOLONGNAME", "at most 8"),
    ("member", "1ABC", "starts with '1'"),
    ("member", "AB-C", "'-' at position 3"),
    ("member", "abc", "'a'"),
    ("member", "ÄBC", "'Ä'"),
    ("member", "AB\x00", "unprintable character U+0000"),
    ("member", "AB\ud800", "unprintable"),
    ("member", "A" * 10_000, "10,000"),
    ("dataset", "PROD..X", "Qualifier 2 of a data set name is empty"),
    ("dataset", "PROD.TOOLONGQUAL", "Qualifier 2 of a data set name has at most 8"),
    ("dataset", "PROD.9X", "starts with '9'"),
    ("dataset", "A2345678.B2345678.C2345678.D2345678.E2345678.F", "at most 44"),
    ("dataset", "&HLQ(1)", "'('"),
    ("transaction", "CC000", "1 to 4"),
    ("transaction", "C 0", "no blanks"),
    ("db2", "A.B.C.D", "at most three parts"),
    ("db2", "A..B", "is empty"),
    ("db2", "A.B-C", "no Db2 identifier"),
    ("db2", "A" * 119 + ".B", "at most 120"),
    ("mq", "A" * 49, "at most 48"),
    ("mq", "A B", "only"),
    ("ddname", "PROGRAM1.TOOLONGDD", "A DD name has at most 8"),
    ("free", "A B", "a blank inside"),
]


@pytest.mark.parametrize(("pattern", "name"), GOOD)
def test_a_good_name_has_no_problem(pattern: str, name: str) -> None:
    assert list(name_problems(pattern, name)) == []


@pytest.mark.parametrize(("pattern", "name", "told"), BAD)
def test_a_bad_name_is_told_what_is_wrong(pattern: str, name: str, told: str) -> None:
    assert any(told in problem for problem in name_problems(pattern, name))


@pytest.mark.parametrize(
    ("name", "answer"), [("CBACT04C", True), ("CBACT04CX", False), ("A\n", False), ("", False)]
)
def test_member_names(name: str, answer: bool) -> None:
    assert is_member_name(name) is answer
