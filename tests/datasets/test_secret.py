"""The secret is made once, kept from others, moved as text, and never shown."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from grader.datasets.secret import (
    DEMO_SECRET,
    Secret,
    default_secret_path,
    export_secret,
    fingerprint,
    import_secret,
    new_secret,
    read_secret,
    refuse_demo,
)
from grader.errors import SecretError

TEXT = "grader-secret-v1:" + base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "grader" / "secret"


def problem_with_reading(path: Path) -> str:
    with pytest.raises(SecretError) as caught:
        read_secret(path)
    return str(caught.value)


def write(path: Path, content: str, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(content)
    path.chmod(mode)


def test_a_new_secret_is_stored_for_its_owner_alone(path: Path) -> None:
    secret = new_secret(path)

    assert len(secret.value) == 32
    assert read_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_two_new_secrets_differ(tmp_path: Path) -> None:
    assert new_secret(tmp_path / "a") != new_secret(tmp_path / "b")


def test_a_secret_is_never_written_over(path: Path) -> None:
    secret = new_secret(path)

    with pytest.raises(SecretError, match="there is a secret already") as caught:
        new_secret(path)

    assert "move that file away first" in caught.value.hint
    assert read_secret(path) == secret
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")

    with pytest.raises(SecretError, match="the secret cannot be stored"):
        new_secret(tmp_path / "config" / "secret")


def test_a_missing_secret_is_named_with_the_command_that_makes_one(path: Path) -> None:
    assert problem_with_reading(path) == (
        f"{path}: there is no secret yet\n  hint: make one with: grader secret new"
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_secret_that_others_can_get_at_is_refused(path: Path, mode: int) -> None:
    write(path, TEXT, mode)

    assert problem_with_reading(path) == (
        f"{path}: others can get at the secret, its mode is {mode:04o}\n  hint: chmod 600 {path}"
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "hello",
        TEXT[:-1],
        TEXT + "A",
        TEXT.replace("v1", "v2"),
        TEXT[:-1] + "9",  # the last letter stands for bits beyond the 32 bytes
        "grader-secret-v1:" + "ü" * 43,
        TEXT + "\n" + TEXT,
    ],
)
def test_a_file_that_holds_no_secret_is_refused_without_showing_it(
    path: Path, content: str
) -> None:
    write(path, content)

    message = problem_with_reading(path)

    assert message.startswith(f"{path}: is not a secret of this grader\n  hint: it is one line")
    assert TEXT[20:40] not in message


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    assert problem_with_reading(tmp_path) == f"{tmp_path}: must be a file"


def test_a_secret_moves_to_another_machine_as_text(path: Path, tmp_path: Path) -> None:
    secret = new_secret(path)
    elsewhere = tmp_path / "other" / "secret"

    text = export_secret(path)
    imported = import_secret(elsewhere, f"  {text}\n")

    assert text.startswith("grader-secret-v1:")
    assert imported == secret == read_secret(elsewhere)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600


def test_the_same_secret_may_be_imported_twice_but_no_other(path: Path) -> None:
    import_secret(path, TEXT)

    assert import_secret(path, TEXT) == Secret(bytes(range(32)))
    with pytest.raises(SecretError, match="there is a secret already"):
        import_secret(path, TEXT.replace("AAEC", "BBEC"))


def test_text_that_is_no_secret_is_not_imported(path: Path) -> None:
    with pytest.raises(SecretError, match="the text to import: is not a secret"):
        import_secret(path, "hello")

    assert not path.exists()


def test_the_demo_secret_is_refused_for_graded_work(path: Path, tmp_path: Path) -> None:
    write(tmp_path / "demo" / "secret", f"{demo_text()}\n")

    with pytest.raises(SecretError, match="is public and cannot be used here"):
        refuse_demo(read_secret(tmp_path / "demo" / "secret"))
    with pytest.raises(SecretError, match="is public and cannot be used here"):
        import_secret(path, demo_text())
    assert not path.exists()


def demo_text() -> str:
    encoded = base64.urlsafe_b64encode(DEMO_SECRET.value).decode().rstrip("=")
    return f"grader-secret-v1:{encoded}"


def test_a_secret_of_ones_own_is_not_refused() -> None:
    refuse_demo(Secret(bytes(range(32))))


def test_the_fingerprint_is_short_and_fixed() -> None:
    assert fingerprint(Secret(bytes(range(32)))) == "db81-dd79-70f3"
    assert fingerprint(DEMO_SECRET) != fingerprint(Secret(bytes(range(32))))


def test_no_byte_of_a_secret_shows_in_its_repr() -> None:
    secret = Secret(bytes(range(32)))

    assert repr(secret) == str(secret) == f"Secret({fingerprint(secret)})"
    assert repr([secret]) == f"[{secret!r}]"


def test_secrets_compare_by_value_and_with_nothing_else() -> None:
    assert Secret(bytes(32)) == Secret(bytes(32))
    assert len({Secret(bytes(32)), Secret(bytes(32))}) == 1
    assert Secret(bytes(32)) != bytes(32)


def test_the_default_place_is_the_users_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert default_secret_path().name == "secret"
    assert default_secret_path().parent.name == "grader"
