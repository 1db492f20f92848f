"""A manifest says what a folder delivers, and is refused where it does not say it exactly."""

import hashlib
from datetime import date

import pytest

from accounts.loading.delivery import Days, read_delivery
from accounts.loading.refusals import MOST, Refused, Reject, Rejects
from tests.accounts.loading.deliveries import AS_OF, OURS, bank, write

PARTY = {"party": bank()["party"]}
DIGEST = "0" * 64


def test_what_a_folder_delivers(tmp_path):
    delivery = read_delivery(write(tmp_path, bank(), current=True))
    assert (delivery.id, delivery.available_balance_is_current, delivery.as_of) == ("one", True, {OURS: AS_OF})
    assert [part.table.name for part in delivery.parts] == [*bank()], "those that others refer to come first"
    assert delivery.part_of("transaction").days == Days(date(2026, 10, 1), date(2026, 11, 21))
    assert delivery.part_of("party").days is None and delivery.part_of("nothing") is None


def test_a_folder_for_a_table_of_several_files(tmp_path):
    write(tmp_path, PARTY)
    (tmp_path / "party").mkdir()
    (tmp_path / "party.csv").rename(tmp_path / "party" / "2.csv")
    (tmp_path / "party" / "1.csv").write_text("id,type,name,protection_grade\n")
    (part,) = read_delivery(tmp_path).parts
    assert [file.name for file in part.files] == ["party/1.csv", "party/2.csv"]


def test_another_byte_is_another_delivery(tmp_path):
    digests = {read_delivery(write(tmp_path, PARTY)).digest, read_delivery(write(tmp_path, PARTY)).digest}
    assert len(digests) == 1
    digests.add(read_delivery(write(tmp_path, PARTY, party="id,type,name,protection_grade\n")).digest)
    digests.add(read_delivery(write(tmp_path, PARTY, delivery="two")).digest)
    assert len(digests) == 3


def test_a_digest_that_is_declared(tmp_path):
    file = write(tmp_path, PARTY) / "party.csv"
    with (tmp_path / "delivery.toml").open("a") as manifest:
        manifest.write(f'[sha256]\n"party.csv" = "{hashlib.sha256(file.read_bytes()).hexdigest()}"\n')
    assert read_delivery(tmp_path).parts
    file.write_text(file.read_text() + "\n")
    with pytest.raises(Refused) as refused:
        read_delivery(tmp_path)
    assert str(refused.value) == "party.csv is not the file that delivery.toml declares: its SHA-256 is another."


HEAD = 'id = "one"\n[as_of]\n"312345617" = 2026-11-21T04:00:00Z\n'
ROWS = "[tables.party]\nrows = 2\n"


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        pytest.param("id = ", "delivery.toml is not TOML in UTF-8.", id="no TOML"),
        pytest.param(ROWS, "delivery.toml needs an id of letters, digits and ._-.", id="no id"),
        pytest.param('id = "a b"\n', "delivery.toml needs an id of letters, digits and ._-.", id="an id with a blank"),
        pytest.param('id = "a"\nkind = "full"\n', None, id="a stranger"),
        pytest.param('id = "a"\navailable_balance_is_current = "yes"\n', None, id="yes instead of true"),
        pytest.param(
            'id = "a"\n' + ROWS, "delivery.toml needs as_of with the moment of each institution.", id="no as_of"
        ),
        pytest.param('id = "a"\n[as_of]\n312345617 = 2026-11-21T04:00:00\n' + ROWS, None, id="a moment without offset"),
        pytest.param('id = "a"\n[as_of]\n312345617 = 2026-11-21\n' + ROWS, None, id="a day"),
        pytest.param('id = "a"\n[as_of]\nbank = 2026-11-21T04:00:00Z\n' + ROWS, None, id="a bank by its name"),
        pytest.param(HEAD, "delivery.toml does not declare party, and there is such a file.", id="a file too many"),
        pytest.param(
            HEAD + ROWS + "[tables.account]\nrows = 0\n",
            "delivery.toml declares account, and there is no such file.",
            id="a file too few",
        ),
        pytest.param(HEAD + ROWS + "[tables.parties]\nrows = 0\n", None, id="an unknown table"),
        pytest.param(
            HEAD + "[tables.party]\n", "delivery.toml needs rows of party, and may have may_lose.", id="no rows"
        ),
        pytest.param(HEAD + "[tables.party]\nrows = true\n", None, id="rows that are no number"),
        pytest.param(HEAD + "[tables.party]\nrows = -1\n", None, id="fewer than none"),
        pytest.param(
            HEAD + ROWS + "may_lose = -1\n",
            "delivery.toml has may_lose of party that is no number.",
            id="less than no loss",
        ),
        pytest.param(HEAD + ROWS + 'may_lose = "all"\n', None, id="a loss in words"),
        pytest.param(HEAD + ROWS + "may_lose = true\n", None, id="any loss"),
        pytest.param(HEAD + ROWS + "may_loose = 7\n", None, id="a loss under another name"),
        pytest.param(
            HEAD + "[tables.party]\nrows = 2\nfrom = 2026-01-01\nto = 2026-01-02\n",
            None,
            id="days of a table that is whole",
        ),
        pytest.param(
            HEAD + ROWS + f'[sha256]\n"other.csv" = "{DIGEST}"\n',
            "other.csv is not the file that delivery.toml declares: its SHA-256 is another.",
            id="a digest of no file",
        ),
        pytest.param(HEAD + ROWS + '[sha256]\n"party.csv" = "x"\n', None, id="a digest that is none"),
    ],
)
def test_manifests_that_are_refused(tmp_path, manifest, sentence):
    write(tmp_path, PARTY)
    (tmp_path / "delivery.toml").write_text(manifest)
    with pytest.raises(Refused) as refused:
        read_delivery(tmp_path)
    said = str(refused.value)
    assert said == sentence if sentence else said.startswith("delivery.toml ")


@pytest.mark.parametrize("days", [("2026-11-21", "2026-11-20"), ('"2026-11-20"', '"2026-11-21"'), ("2026-11-20", 7)])
def test_days_that_are_none(tmp_path, days):
    with pytest.raises(Refused):
        read_delivery(write(tmp_path, {"transaction": []}, days=days))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        pytest.param("parties.csv", "parties.csv belongs to no table.", id="a file of no table"),
        pytest.param("party/a/1.csv", "party/a/1.csv belongs to no table.", id="a folder in a folder"),
        pytest.param("party.parquet", "party is delivered twice.", id="two files"),
        pytest.param("party/1.csv", "party is delivered twice.", id="a file and a folder"),
    ],
)
def test_files_that_are_refused(tmp_path, name, sentence):
    write(tmp_path, PARTY)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("id\n")
    with pytest.raises(Refused) as refused:
        read_delivery(tmp_path)
    assert str(refused.value) == sentence


def test_other_files_do_not_matter(tmp_path):
    write(tmp_path, PARTY)
    for name in ("README.txt", "rejects.csv"):
        (tmp_path / name).write_text("x")
    assert len(read_delivery(tmp_path).parts) == 1


def test_a_folder_without_a_manifest(tmp_path):
    with pytest.raises(Refused) as refused:
        read_delivery(tmp_path)
    assert str(refused.value) == f"{tmp_path} has no delivery.toml that can be read."


def test_the_rejects_are_for_their_owner_alone_and_hold_no_value(tmp_path):
    rejects, file = Rejects(), tmp_path / "rejects.csv"
    file.write_text("of a load before")
    rejects.write(file)
    assert not file.exists()
    for line in range(MOST + 5, 0, -1):
        rejects.add(Reject("party", "party.csv", line, "id", "is empty"))
    rejects.write(file)
    lines = file.read_text().splitlines()
    assert (rejects.count, len(lines), file.stat().st_mode & 0o777) == (MOST + 5, MOST + 1, 0o600)
    assert lines[:2] == ["table,file,line,column,reason", "party,party.csv,6,id,is empty"]
