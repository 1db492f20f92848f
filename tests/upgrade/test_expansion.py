"""Migrations since the previous release only add, so that its code serves on before, during and after them."""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Q

from tests.upgrade import release
from tests.upgrade.expansion import Expansion

DESK = {"breach", "citizens", "compliance", "exporting", "local", "signin", "watching"}
OURS = DESK | {"accounts", "agencies", "audit", "bsu", "dsop", "legal", "pension", "studielan"}
LIBRARIES = {
    "axes": "tables of its own, which nothing of the release reads or writes",
    "pghistory": "tables and a function of its own, which nothing of the release reads or writes",
}
OWN_FUNCTION = "it makes or replaces a function that only triggers of later releases call"
RULE_FOR_NEW_WORDS = "the release writes neither the state `waiting` nor the origin `admin`, which the rules are for"
COPIES = "triggers copy what the release writes into new tables, with their owner's rights: it needs none itself"
OWN_ROWS = "it looks through a table that the library has made itself, empty then"
OWN_LIMITS = "it fills a table that the desk has made itself"
MONTHS = "it makes the partitions of the tables that it has made itself"
INDEXES = "it builds indexes of the trail's months beside those who write, and changes nothing else"
KEY = "it makes the key of balances longer: the release writes no balance twice, and nothing refers to one by its id"
JUDGED: dict[tuple[str, str], str] = {
    ("pghistory", "0004_auto_20220906_1625"): OWN_FUNCTION,
    ("pghistory", "0007_auto_20250421_0444"): OWN_FUNCTION,
    ("legal", "0005_governed_mandates"): RULE_FOR_NEW_WORDS,
    ("legal", "0006_history"): COPIES,
    ("audit", "0004_evidence"): MONTHS,
    ("axes", "0007_alter_accessattempt_unique_together"): OWN_ROWS,
    ("audit", "0006_finding"): INDEXES,
    ("watching", "0002_history_and_limits"): OWN_LIMITS,
    ("accounts", "0005_balance_by_account"): KEY,
}
"""Migrations that do more than add, each with the reason why the previous release serves on all the same."""

STATE = ProjectState(
    {
        ("legal", "agency"): ModelState(
            "legal",
            "Agency",
            [("name", models.CharField("name", max_length=40)), ("since", models.DateField(null=True))],
        )
    }
)
NAME_KNOWN = models.CheckConstraint(condition=~Q(name=""), name="name_known")
CODE_KNOWN = models.CheckConstraint(condition=Q(code__in=["a", "b"]), name="code_known")
BOTH_KNOWN = models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="both_known")
ADD_CODE = migrations.AddField("agency", "code", models.CharField(max_length=1, db_default="a"))


def released():
    """Return the migrations that the release's database had."""
    text = release.dump("default").read_text(encoding="utf-8")
    lines = text.split("COPY public.django_migrations ", 1)[1].splitlines()[1:]
    rows = [line.split("\t") for line in lines[: lines.index("\\.")]]
    return {(app, name) for _, app, name, _ in rows}


def faults(expansion, app, operations, state):
    found = []
    for operation in operations:
        found += expansion.faults(app, operation, state)
        operation.state_forwards(app, state)
    return found


def test_every_migration_since_the_release_only_adds():
    loader, known, expansion = MigrationLoader(None), released(), Expansion()
    assert {app for app, _ in known} & OURS == {"accounts", "audit", "legal"}
    plan = dict.fromkeys(node for leaf in loader.graph.leaf_nodes() for node in loader.graph.forwards_plan(leaf))
    later = [node for node in plan if node not in known]
    assert later, "there is something to look at"
    found = {}
    for node in later:
        assert node[0] in OURS | LIBRARIES.keys(), "a library has brought a migration of its own: judge it"
        state = loader.project_state(node, at_end=False)
        if messages := faults(expansion, node[0], loader.graph.nodes[node].operations, state):
            found[node] = messages
    assert found.keys() == JUDGED.keys(), found


@pytest.mark.parametrize(
    ("operations", "found"),
    [
        pytest.param([ADD_CODE], [], id="a column with a default of the database"),
        pytest.param(
            [migrations.AddField("agency", "code", models.CharField(max_length=1, null=True))],
            [],
            id="a nullable column",
        ),
        pytest.param(
            [migrations.AddField("agency", "code", models.CharField(max_length=1, default="a"))],
            ["AddField: Add field code to agency"],
            id="a column whose default only Python knows",
        ),
        pytest.param(
            [migrations.CreateModel("Log", [("id", models.BigAutoField(primary_key=True))])], [], id="a table"
        ),
        pytest.param(
            [
                migrations.CreateModel("Log", [("id", models.BigAutoField(primary_key=True))]),
                migrations.AddField("log", "text", models.TextField(default="")),
                migrations.RemoveField("log", "text"),
                migrations.DeleteModel("Log"),
            ],
            [],
            id="a table that the release has never seen",
        ),
        pytest.param([ADD_CODE, migrations.AddConstraint("agency", CODE_KNOWN)], [], id="a rule for a new column"),
        pytest.param(
            [migrations.AddConstraint("agency", NAME_KNOWN)],
            ["AddConstraint: Create constraint name_known on model agency"],
            id="a rule for a column that the release writes",
        ),
        pytest.param(
            [ADD_CODE, migrations.AddConstraint("agency", BOTH_KNOWN)],
            ["AddConstraint: Create constraint both_known on model agency"],
            id="a rule for a new column and one that the release writes",
        ),
        pytest.param(
            [migrations.AddConstraint("agency", models.UniqueConstraint(fields=["name"], name="once"))],
            ["AddConstraint: Create constraint once on model agency"],
            id="what may be there only once",
        ),
        pytest.param(
            [migrations.RemoveField("agency", "name")],
            ["RemoveField: Remove field name from agency"],
            id="a column less",
        ),
        pytest.param(
            [migrations.RenameField("agency", "name", "title")],
            ["RenameField: Rename field name on agency to title"],
            id="another name for a column",
        ),
        pytest.param(
            [migrations.RenameModel("Agency", "Consumer")],
            ["RenameModel: Rename model Agency to Consumer"],
            id="another name for a table",
        ),
        pytest.param([migrations.DeleteModel("Agency")], ["DeleteModel: Delete model Agency"], id="a table less"),
        pytest.param(
            [migrations.AlterField("agency", "name", models.CharField("its name", max_length=40))],
            [],
            id="another label",
        ),
        pytest.param(
            [migrations.AlterField("agency", "name", models.CharField("name", max_length=20))],
            ["AlterField: Alter field name on agency"],
            id="a shorter column",
        ),
        pytest.param(
            [migrations.AlterField("agency", "since", models.DateField())],
            ["AlterField: Alter field since on agency"],
            id="a column that must be filled from now on",
        ),
        pytest.param(
            [migrations.AddIndex("agency", models.Index(fields=["name"], name="by_name"))],
            ["AddIndex: Create index by_name on field(s) name of model agency"],
            id="an index that writers wait for",
        ),
        pytest.param([migrations.RunSQL("CREATE TABLE x (a int)")], [], id="SQL that adds"),
        pytest.param(
            [migrations.RunSQL("CREATE TRIGGER t BEFORE UPDATE OR DELETE ON x EXECUTE FUNCTION f()")],
            [],
            id="SQL that guards a new table",
        ),
        pytest.param(
            [migrations.RunSQL("CREATE TABLE x (a int);\nupdate y SET a = 1")],
            ["RunSQL: update"],
            id="SQL that changes",
        ),
        pytest.param(
            [migrations.RunSQL(["SELECT 1", "ALTER TABLE x DROP COLUMN a"])],
            ["RunSQL: DROP COLUMN"],
            id="SQL that drops",
        ),
        pytest.param(
            [migrations.RunSQL([("ALTER TABLE x ALTER a SET  not NULL", None)])],
            ["RunSQL: SET  not NULL"],
            id="SQL that forbids",
        ),
        pytest.param(
            [migrations.RunPython(migrations.RunPython.noop)],
            ["RunPython: Raw Python operation"],
            id="Python, which somebody must judge",
        ),
        pytest.param(
            [
                migrations.SeparateDatabaseAndState(
                    database_operations=[migrations.RunSQL("ALTER TABLE x RENAME TO y")],
                    state_operations=[migrations.RemoveField("agency", "name")],
                )
            ],
            ["RunSQL: RENAME"],
            id="what is done, not what Django is told",
        ),
    ],
)
def test_what_a_version_from_before_could_stumble_over(operations, found):
    assert faults(Expansion(), "legal", operations, STATE.clone()) == found
