"""Hold the house together: who imports whom, which doors exist, what the documents promise."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from config import Settings

ROOT = Path(__file__).parent.parent
OURS = frozenset({"bot", "config", "cogs", "storage", "seedance", "render", "sandbox", "tests"})
PRODUCT = ("bot", "config", "cogs", "storage", "seedance", "render")
VAGUE = frozenset({"utils", "util", "helpers", "common", "misc", "core", "base_utils"})

# Who may import what of ours.
ALLOWED = {
    "config": frozenset[str](),
    "storage": frozenset({"storage"}),
    "seedance": frozenset({"seedance"}),
    "render": frozenset({"render", "storage", "seedance"}),
    "cogs": frozenset({"cogs", "render", "storage", "seedance"}),
    "bot": frozenset({"config", "cogs", "render", "storage", "seedance"}),
    "sandbox": frozenset({"sandbox"}),
    "tests": OURS,
}

# Which packages of others may be imported where.
KEPT = {
    "discord": frozenset({"bot", "cogs", "tests"}),
    "aiosqlite": frozenset({"storage"}),
    "sqlite3": frozenset({"storage", "tests"}),
    "dotenv": frozenset({"config", "sandbox"}),
}


def sources(*parts: str) -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT)
        if relative.parts[0].startswith("."):
            continue
        if part_of(path) in parts:
            yield path


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_point_one_way(part: str) -> None:
    for path in sources(part):
        for name in imports(tree_of(path)):
            top = name.split(".")[0]
            if top in OURS:
                assert top in ALLOWED[part], f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("package", KEPT)
def test_each_library_stays_behind_its_door(package: str) -> None:
    for path in sources(*OURS):
        tops = {name.split(".")[0] for name in imports(tree_of(path))}
        in_stand_in = part_of(path) == "sandbox" and package != "dotenv"
        if package in tops and not in_stand_in:
            assert part_of(path) in KEPT[package], f"{path.relative_to(ROOT)} imports {package}"


def test_the_sandbox_needs_neither_discord_py_nor_a_database() -> None:
    for path in sources("sandbox"):
        tops = set(imports(tree_of(path)))
        assert not tops & {"discord", "aiosqlite", "sqlite3"}, path


def test_nothing_imports_an_extension() -> None:
    extensions = {f"cogs.{path.stem}" for path in (ROOT / "cogs").glob("*.py")} - {"cogs.__init__"}
    for path in sources(*PRODUCT):
        assert not set(imports(tree_of(path))) & extensions, path.relative_to(ROOT)


def test_the_environment_is_read_in_one_file() -> None:
    for path in sources(*PRODUCT):
        words = path.read_text(encoding="utf-8")
        if part_of(path) != "config":
            assert "os.environ" not in words, path.relative_to(ROOT)
            assert "getenv" not in words, path.relative_to(ROOT)


def test_sql_lives_in_storage() -> None:
    statement = re.compile(
        r"^\s*(select\s.+\sfrom|insert\s+into|update\s.+\sset|delete\s+from|create\s+table)\s",
        re.IGNORECASE | re.DOTALL,
    )
    for path in sources(*PRODUCT):
        if part_of(path) == "storage":
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not statement.match(node.value), f"{path.relative_to(ROOT)}:{node.lineno}"


# The third door: the only modules that may change a file (design: the spool, and the database).
FILE_DOORS = frozenset(
    {"render/spool.py", "storage/backup.py", "storage/database.py", "storage/lock.py"}
)
FILE_EFFECTS = re.compile(
    r"(^|\.)(write_text|write_bytes|rename|replace_file|unlink|rmtree|mkdir|makedirs|remove_file"
    r"|symlink_to|NamedTemporaryFile|mkstemp)$"
)


def changes_a_file(name: str, call: ast.Call) -> bool:
    # A decorator of discord.py for options, not for files.
    if name == "app_commands.rename":
        return False
    if FILE_EFFECTS.search(name) or name in {"os.replace", "os.remove", "os.open", "shutil.move"}:
        return True
    if name == "open" or name.endswith(".open"):
        modes = [a.value for a in call.args if isinstance(a, ast.Constant)]
        modes += [k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)]
        return any(
            isinstance(mode, str) and re.fullmatch(r"[rwxab+]*[wxa+]b?", mode) for mode in modes
        )
    return False


def test_files_change_through_the_spool_and_the_database_only() -> None:
    for path in sources(*PRODUCT):
        relative = path.relative_to(ROOT).as_posix()
        for name, call in calls(tree_of(path)):
            if changes_a_file(name, call):
                assert relative in FILE_DOORS, f"{relative}:{call.lineno} {name}"


# The second door: who may open a connection. bot.py makes the one session that all share.
def test_http_goes_through_the_provider_client_and_discord_py_only() -> None:
    doors = {"bot.py", "seedance/client.py", "seedance/download.py"}
    for path in sources(*PRODUCT):
        relative = path.relative_to(ROOT).as_posix()
        tops = {name.split(".")[0] for name in imports(tree_of(path))}
        assert not tops & {"requests", "httpx", "urllib3", "socket", "http", "ftplib"} or (
            relative == "seedance/download.py"
        ), relative
        for name, call in calls(tree_of(path)):
            if name.endswith(("ClientSession", "urlopen")):
                assert relative in doors, f"{relative}:{call.lineno} {name}"


@pytest.mark.parametrize("part", sorted(OURS))
def test_files_and_functions_stay_small(part: str) -> None:
    for path in sources(part):
        relative = path.relative_to(ROOT)
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= 400, f"{relative} has {lines} lines"
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                size = node.end_lineno - node.lineno + 1
                assert size <= 50, f"{relative}:{node.lineno} {node.name} has {size} lines"


def test_names_say_what_they_hold() -> None:
    for path in sources(*OURS):
        assert not {*path.relative_to(ROOT).parts[:-1], path.stem} & VAGUE, path


def test_every_module_says_what_it_is_for() -> None:
    for path in sources(*PRODUCT, "sandbox"):
        assert ast.get_docstring(tree_of(path)), path.relative_to(ROOT)


def test_annotations_are_postponed_everywhere() -> None:
    for path in sources(*OURS):
        words = path.read_text(encoding="utf-8")
        assert "from __future__ import annotations" in words or not tree_of(path).body[1:], path


def test_nothing_is_left_for_later_in_a_comment() -> None:
    loose = re.compile(r"#.*\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    for path in sources(*OURS):
        assert not loose.search(path.read_text(encoding="utf-8")), path.relative_to(ROOT)


def test_migrations_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in (ROOT / "storage" / "sqlite").glob("*.sql"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def documented_settings() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))


def test_the_example_of_settings_is_the_settings() -> None:
    declared = {
        setting.name.upper(): setting.metadata["default"] or ""
        for setting in fields(Settings)
        if setting.metadata["about"]
    }
    assert documented_settings() == declared


def test_the_readme_lists_every_setting_with_its_default() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", readme(), re.MULTILINE)
    shown = {name: default.strip().strip("`") for name, default in rows}
    assert shown == {name: value or "–" for name, value in documented_settings().items()}


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tools_read_as_one_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^make test$", script, re.MULTILINE)
    assert "make test" in readme()


def test_the_bot_starts_without_the_tools_of_the_tests() -> None:
    allowed = {
        re.split(r"[=\[;]", line)[0].strip().lower().replace("_", "-")
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    known = {"discord": "discord.py", "dotenv": "python-dotenv", "PIL": "pillow"}
    for path in sources(*PRODUCT):
        for name in imports(tree_of(path)):
            top = name.split(".")[0]
            if top in OURS or top in sys.stdlib_module_names:
                continue
            assert known.get(top, top).lower().replace("_", "-") in allowed, f"{path}: {top}"


def test_every_pin_is_exact() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.match(r"[A-Za-z0-9._\-\[\]]+==[0-9.]+(; .+)?$", line), line


def test_no_tracked_file_names_a_path_of_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    path = re.compile(r"(?<![\w.])/(?:home|root|Users)/[\w.]")
    for name in listed:
        words = (ROOT / name).read_bytes().decode("utf-8", "replace")
        assert not path.search(words) or name == "tests/test_house_rules.py", name
