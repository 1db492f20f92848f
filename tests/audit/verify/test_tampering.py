"""Whatever a superuser of the database does to the trail is found, and named."""

import pytest

RECORD, IN_NEXT, ANSWER = "audit_record {month}, row ", "audit_record {next}, row ", "audit_answer {month}, row "
NEW = "ffffffff-0000-7000-8000-000000000009"
FORGED = "0190a1b2-0000-4000-8000-000000000017"


def like(table, where, **changes):
    """Return the statement that adds a row like another one, but for some columns. It stands in this transaction."""
    changed = ", ".join(f"{name!r}, {value}" for name, value in {"id": f"'{NEW}'", **changes}.items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(r, jsonb_build_object({changed}))).* "
        f"FROM {table} r WHERE {where}"
    )


NOW_RUNNING = "pg_current_xact_id()::text::bigint"
UNWRITTEN = {"writer": "NULL", "writer_number": "NULL", "writer_previous": "NULL"}
FORGING = {"writer": f"'{FORGED}'", "writer_number": "1"}

ROWS = [
    pytest.param(
        ["UPDATE audit_record SET http_status = 404 WHERE id = '{record1}'"],
        [("row changed", RECORD + "{record1}")],
        id="a column changed",
    ),
    pytest.param(
        ["UPDATE audit_record SET salt = uuid_send(gen_random_uuid()) WHERE id = '{record1}'"],
        [("row changed", RECORD + "{record1}")],
        id="a salt changed",
    ),
    pytest.param(
        ["UPDATE audit_record SET control_object_sealed = 'e1:another' WHERE id = '{record1}'"],
        [("row changed", RECORD + "{record1}")],
        id="a ciphertext changed",
    ),
    pytest.param(
        ["UPDATE audit_record SET evidence = '{{\"exp\": 1e400}}' WHERE id = '{record1}'"],
        [("row changed", RECORD + "{record1}")],
        id="a value put in that nobody could have sealed",
    ),
    pytest.param(
        ["UPDATE audit_access SET person = 'Ola Nordmann (17)' WHERE id = '{access0}'"],
        [("row changed", "audit_access {month}, row {access0}")],
        id="a row of the access log changed",
    ),
    pytest.param(
        ["UPDATE audit_turned_away SET count = 2 WHERE id = '{sum0}'"],
        [("row changed", "audit_turned_away {month}, row {sum0}")],
        id="a sum changed",
    ),
    pytest.param(
        ["DELETE FROM audit_record WHERE id = '{record5}'"],
        [("row removed", RECORD + "{record5}"), ("gap in a writer's rows", IN_NEXT + "{record6}")],
        id="a row removed",
    ),
    pytest.param(
        ["DELETE FROM audit_access WHERE id = '{access1}'"],
        [
            ("row removed", "audit_access {month}, row {access1}"),
            ("gap in a writer's rows", "audit_access {next}, row {access2}"),
        ],
        id="a row of the access log removed",
    ),
    pytest.param(
        ["DELETE FROM audit_record WHERE writer = '{writer B}'"],
        [("row removed", RECORD + "{b0}"), ("row removed", RECORD + "{b1}")],
        id="a writer removed with all it wrote",
    ),
    pytest.param(
        [
            "UPDATE audit_record SET http_status = 404 WHERE id = '{record4}'",
            "UPDATE audit_record_sealed SET leaf = '\\x" + "07" * 32 + "' WHERE id = '{record4}'",
        ],
        [
            ("root differs", "audit_record {month}, checkpoint 3"),
            ("row changed", RECORD + "{record4}"),
            ("writer's chain broken", RECORD + "{record5}"),
        ],
        id="a row changed, and its stored leaf to hide it",
    ),
]
ADDED = [
    pytest.param(
        [like("audit_record", "id = '{b1}'", **UNWRITTEN)],
        [("row added", RECORD + NEW)],
        id="a row of an earlier transaction added, as if before there were writers",
    ),
    pytest.param(
        [like("audit_record", "id = '{b1}'", xact=NOW_RUNNING, **UNWRITTEN)],
        [("row backdated", RECORD + NEW)],
        id="a row added, as if before there were writers",
    ),
    pytest.param(
        [like("audit_record", "id = '{record7}'", xact=NOW_RUNNING, **UNWRITTEN)],
        [("row without writer", IN_NEXT + NEW)],
        id="a row added without a writer",
    ),
    pytest.param(
        [like("audit_record", "id = '{unsealed}'", **FORGING)],
        [("writer forged", IN_NEXT + NEW)],
        id="a row added by somebody without the look-up keys",
    ),
    pytest.param(
        [like("audit_record", "id = '{b0}'", at="'{later}'", xact=NOW_RUNNING, writer=f"'{FORGED}'")],
        [("writer forged", IN_NEXT + NEW)],
        id="a row added with another writer's introduction",
    ),
    pytest.param(
        [like("audit_record", "id = '{unsealed}'", writer_number="writer_number + 1")],
        [("writer's chain broken", IN_NEXT + NEW)],
        id="a row added to a writer's chain",
    ),
    pytest.param(
        [like("audit_record", "id = '{unsealed}'", writer_number="0")],
        [("writer forged", IN_NEXT + NEW)],
        id="a row added with a number that no row has",
    ),
    pytest.param(
        [like("audit_record", "id = '{unsealed}'", http_status="500")],
        [("row duplicated", IN_NEXT + NEW)],
        id="a record duplicated, with another content",
    ),
    pytest.param(
        [like("audit_record", "id = '{record1}'", at="'{later}'", xact=NOW_RUNNING)],
        [("answer removed", IN_NEXT + NEW), ("row duplicated", IN_NEXT + NEW)],
        id="a record duplicated in another month",
    ),
    pytest.param(
        [like("audit_record", "id = '{b0}'", at="'{later}'", xact=NOW_RUNNING)],
        [("row duplicated", IN_NEXT + NEW), ("row duplicated", RECORD + "{b0}")],
        id="a writer's first record duplicated in another month",
    ),
]
PLACES = [
    pytest.param(
        ["UPDATE audit_record_sealed SET position = 5 - position WHERE checkpoint = 1"],
        [("rows reordered", "audit_record {month}, checkpoint 1")],
        id="positions reordered",
    ),
    pytest.param(
        ["UPDATE audit_record_sealed SET leaf = '\\x" + "07" * 32 + "' WHERE id = '{record1}'"],
        [("membership changed", "audit_record {month}, checkpoint 1")],
        id="a stored leaf changed",
    ),
    pytest.param(
        ["DELETE FROM audit_record_sealed WHERE id = '{record1}'"],
        [("membership removed", "audit_record {month}, checkpoint 1"), ("row added", RECORD + "{record1}")],
        id="a membership removed",
    ),
    pytest.param(
        ["DELETE FROM audit_record_sealed WHERE checkpoint = 3", "DELETE FROM audit_record WHERE id = '{record4}'"],
        [
            ("gap in a writer's rows", RECORD + "{record5}"),
            ("membership removed", "audit_record {month}, checkpoint 3"),
            ("row added", RECORD + "{record5}"),
        ],
        id="a checkpoint's memberships removed, and a row",
    ),
    pytest.param(
        ["UPDATE audit_record_sealed SET checkpoint = 17 WHERE id = '{record4}'"],
        [
            ("membership of nothing", "audit_record {month}, checkpoint 17"),
            ("membership removed", "audit_record {month}, checkpoint 3"),
        ],
        id="a membership of a checkpoint that there is not",
    ),
    pytest.param(
        ["UPDATE audit_record SET at = '{later}' WHERE id = '{record1}'"],
        [
            ("answer of nothing", ANSWER + "{record1}"),
            ("answer removed", IN_NEXT + "{record1}"),
            ("row moved", RECORD + "{record1}"),
            ("writer's chain broken", RECORD + "{record2}"),
        ],
        id="a row moved into another month",
    ),
    pytest.param(
        ["UPDATE audit_record SET at = at + interval '1 hour' WHERE id = '{b1}'"],
        [("row moved", RECORD + "{b1}")],
        id="a row moved within its month",
    ),
]
CHECKPOINTS = [
    pytest.param(
        ["UPDATE audit_checkpoint SET size = 3 WHERE number = 3"],
        [
            ("chain of checkpoints broken", "checkpoint 4"),
            ("checkpoint differs", "checkpoint 3"),
            ("checkpoint edited", "checkpoint 3"),
            ("membership removed", "audit_record {month}, checkpoint 3"),
        ],
        id="a checkpoint edited",
    ),
    pytest.param(
        ["UPDATE audit_checkpoint SET root = (SELECT root FROM audit_checkpoint WHERE number = 1) WHERE number = 3"],
        [
            ("chain of checkpoints broken", "checkpoint 4"),
            ("checkpoint edited", "checkpoint 3"),
            ("root differs", "audit_record {month}, checkpoint 3"),
            ("root swapped", "checkpoint 3"),
        ],
        id="a root swapped",
    ),
    pytest.param(
        ["UPDATE audit_checkpoint SET signature = '\\x" + "00" * 64 + "' WHERE number = 3"],
        [("checkpoint differs", "checkpoint 3"), ("checkpoint edited", "checkpoint 3")],
        id="a signature changed",
    ),
    pytest.param(
        ["DELETE FROM audit_checkpoint WHERE number = 3"],
        [
            ("checkpoint missing", "checkpoint 3"),
            ("membership of nothing", "audit_record {month}, checkpoint 3"),
        ],
        id="a checkpoint removed",
    ),
    pytest.param(
        [
            "DELETE FROM audit_record WHERE at >= '{next}-01'",
            "DELETE FROM audit_record_sealed WHERE at >= '{next}-01'",
            "DELETE FROM audit_access WHERE at >= '{next}-01'",
            "DELETE FROM audit_access_sealed WHERE at >= '{next}-01'",
            "DELETE FROM audit_checkpoint WHERE number >= 5",
        ],
        [("checkpoint missing", "checkpoint 5"), ("checkpoint missing", "checkpoint 6")],
        id="the tail cut off, with memberships and checkpoints",
    ),
]
ANSWERS = [
    pytest.param(
        ["DELETE FROM audit_answer WHERE id = '{record1}'"],
        [("answer removed", RECORD + "{record1}")],
        id="an answer removed",
    ),
    pytest.param(
        ["UPDATE audit_answer SET document = 'e1:another' WHERE id = '{record1}'"],
        [("answer changed", ANSWER + "{record1}")],
        id="an answer changed",
    ),
    pytest.param(
        [like("audit_answer", "id = '{record1}'")],
        [("answer of nothing", ANSWER + NEW)],
        id="an answer added",
    ),
]


@pytest.mark.parametrize(("statements", "found"), [*ROWS, *ADDED, *PLACES, *CHECKPOINTS, *ANSWERS])
def test_tampering_is_found_and_named(trail, statements, found):
    trail.tamper(*statements)
    assert trail.findings() == sorted((kind, where.format(**trail.names)) for kind, where in found)
