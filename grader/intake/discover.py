"""Tells a class from a single hand-in, and finds every student's material in it.

What a folder or an archive is, is decided by its *heads*: what lies at its top and could be a
hand-in of its own. That is every notebook, module, archive and folder that holds one, except a
module or a package that a notebook or module beside it imports: that one is a helper.

* Several heads are a **class**, with a student for each. So is one head that is a folder or an
  archive. In a class every folder is a student, also an empty one; helpers go to whom imports
  them; other loose files are ignored.
* One head that is a notebook or a module makes a **single hand-in**, with everything beside it,
  named like the folder or archive. So do heads that are all named like ``attempt-2``.
* A folder that is alone is a mere wrapping, and looked into, if it holds several heads itself.
* An archive without a notebook or module in it is no head beside a single notebook or module.

A roster has the last word where one reading names one of its students and the other does not.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from grader.errors import UsageError
from grader.intake.archive import BROKEN_ZIP, list_zip, open_zip
from grader.intake.listing import (
    CODE_SUFFIXES,
    MAX_TOTAL_BYTES,
    MIB,
    Listing,
    Member,
    is_code,
    is_gradable,
    joined,
    list_file,
    list_folder,
)
from grader.intake.material import Material, unpack
from grader.intake.naming import attempt_marker, is_bare_attempt, without_attempt
from grader.intake.refusal import RefusedError, shown
from grader.intake.syntax import imported_by_module, imported_by_notebook

_MAX_SCANNED_BYTES: Final = 5 * MIB


@dataclass(frozen=True, slots=True)
class Found:
    """One attempt of somebody.

    Attributes:
        name: Of the student, as the file or folder says it, without attempt and suffix.
        marker: What tells attempts of the same name apart, in their natural order.
        source: Name of the path on the command line and the place in it.
        sha256: Digest over what was handed in.
        read: Reads what was handed in; its content is not kept.
    """

    name: str
    marker: str
    source: str
    sha256: str
    read: Callable[[], Material]


def discover(
    path: Path, *, is_known: Callable[[str], bool], opened: ExitStack
) -> tuple[Found, ...]:
    """Find every attempt in what one path on the command line names.

    Args:
        path: A folder, a notebook, a module, or a zip archive.
        is_known: Whether a name is that of a student in the roster.
        opened: Keeps an archive open for as long as attempts are read.

    Raises:
        UsageError: There is nothing to grade at the path, or no student can be told apart.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    root = path.name if path.name not in ("", "..") else path.resolve().name
    if path.is_dir():
        found = _found_in(list_folder(path), root, nesting=0, is_known=is_known)
    elif path.suffix.lower() in CODE_SUFFIXES:
        found = tuple(_one_student(root, (), partial(unpack, list_file(path))))
    elif path.suffix.lower() == ".zip":
        archive = opened.enter_context(_open_archive(path))
        found = _found_in(list_zip(archive), root, nesting=1, is_known=is_known)
    else:
        raise UsageError(
            f"{path}: neither a folder nor a .ipynb, .py or .zip file",
            hint="name the folder, or the archive, that holds what was handed in",
        )
    if not found:
        raise UsageError(
            f"{path}: nothing to grade in it",
            hint="a .ipynb, .py or .zip file per student was expected, or a folder with one",
        )
    return found


def _open_archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except BROKEN_ZIP as exc:
        raise UsageError(
            f"{path}: not a zip archive, or damaged ({exc})", hint="download it again"
        ) from exc


def _found_in(
    listing: Listing, root: str, *, nesting: int, is_known: Callable[[str], bool]
) -> tuple[Found, ...]:
    inner = _without_wrapping(listing, is_known)
    is_wrapped = inner is not listing
    heads = _heads(inner)
    if not is_wrapped and not _is_class(inner, heads, without_attempt(root), is_known):
        gradable = any(is_gradable(m.path) or m.flaw is not None for m in listing.members)
        if not gradable:
            return ()
        return tuple(_one_student(root, (), partial(unpack, listing, nesting=nesting)))
    if listing.flaws:
        raise UsageError(
            f"{root}: an unsafe archive, and not to be told whose. {listing.flaws[0].detail}",
            hint="unpack it by hand, look at it, and name the folder instead",
        )
    return tuple(_students(inner, root, listing.top_folders if is_wrapped else (), nesting))


def _students(
    listing: Listing, root: str, wrapping: tuple[str, ...], nesting: int
) -> Iterable[Found]:
    imported = _imports(listing)
    helpers = {name for names in imported.values() for name in names}
    folders = frozenset(listing.top_folders)
    parts = listing.by_top()
    for name, part in parts.items():
        if name in helpers:
            continue
        if name in folders:
            read = partial(unpack, part.within(name), nesting=nesting)
        elif _is_hand_in(part.members[0]):
            beside = sorted(imported.get(name, ()))
            notes = tuple(f"{shown(helper)} beside it was taken as its helper" for helper in beside)
            whole = joined(parts[n] for n in (name, *beside))
            read = partial(_unpack_noted, whole, notes, nesting=nesting)
        else:
            continue
        yield from _one_student(root, (*wrapping, name), read)


def _unpack_noted(
    listing: Listing, notes: tuple[str, ...], *, nesting: int
) -> tuple[Material, ...]:
    return tuple(
        replace(material, notes=(*material.notes, *notes))
        for material in unpack(listing, nesting=nesting)
    )


def _is_hand_in(member: Member) -> bool:
    """Whether a file at the top of a class is somebody's; a link may be one to a folder."""
    return is_gradable(member.path) or (bool(member.passed_over) and not member.path.suffix)


def _one_student(
    root: str, place: tuple[str, ...], read: Callable[[], tuple[Material, ...]]
) -> Iterable[Found]:
    """Look at everything once, for digests and attempts, and keep nothing of it."""
    name = place[-1] if place else root
    for number, material in enumerate(read()):
        yield Found(
            name=without_attempt(name),
            marker=f"{attempt_marker(name)} {material.marker}".strip(),
            source="/".join(filter(None, (root, *place, material.place))),
            sha256=material.sha256,
            read=partial(_read_one, read, number),
        )


def _read_one(read: Callable[[], tuple[Material, ...]], number: int) -> Material:
    materials = read()
    return materials[number] if number < len(materials) else Material()


def _is_class(
    listing: Listing, heads: tuple[str, ...], own_name: str, is_known: Callable[[str], bool]
) -> bool:
    if not heads or all(map(is_bare_attempt, heads)):
        return False
    if len(heads) > 1:
        return True
    knows_head, knows_own = is_known(without_attempt(heads[0])), is_known(own_name)
    if knows_head != knows_own:
        return knows_head
    return heads[0] in listing.top_folders or not is_code(PurePosixPath(heads[0]))


def _without_wrapping(listing: Listing, is_known: Callable[[str], bool]) -> Listing:
    folders = listing.top_folders
    if len(folders) != 1 or listing.top_files or is_known(without_attempt(folders[0])):
        return listing
    inner = listing.within(folders[0])
    heads = _heads(inner)
    is_class = len(heads) > 1 or any(is_known(without_attempt(head)) for head in heads)
    return inner if is_class and not all(map(is_bare_attempt, heads)) else listing


def _heads(listing: Listing) -> tuple[str, ...]:
    """Names of what could be a hand-in of its own, sorted."""
    helpers = {name for names in _imports(listing).values() for name in names}
    heads = {member.path.parts[0] for member in listing.members if is_gradable(member.path)}
    heads -= helpers
    folders = set(listing.top_folders)
    zips = {head for head in heads - folders if head.lower().endswith(".zip")}
    code = heads - zips - folders
    if len(code) == 1 and not heads & folders:
        heads -= {m.path.name for m in listing.top_files if m.path.name in zips and _is_data(m)}
    return tuple(sorted(heads))


def _is_data(archive: Member) -> bool:
    try:
        members = open_zip(archive.read(MAX_TOTAL_BYTES), archive.path).members
    except RefusedError:
        return False
    return not any(is_gradable(member.path) for member in members)


def _imports(listing: Listing) -> dict[str, frozenset[str]]:
    """For each notebook or module at the top, the names beside it that it imports."""
    offered = {name: name for name in listing.top_folders}
    offered |= {
        member.path.stem: member.path.name
        for member in listing.top_files
        if member.path.suffix.lower() == ".py"
    }
    code = [member for member in listing.top_files if is_code(member.path)]
    if not offered or not code:
        return {}
    found: dict[str, frozenset[str]] = {}
    for member in code:
        try:
            text = member.read(_MAX_SCANNED_BYTES).decode("utf-8", "replace")
        except RefusedError:
            continue
        is_module = member.path.suffix.lower() == ".py"
        names = (imported_by_module if is_module else imported_by_notebook)(text)
        found[member.path.name] = frozenset(
            offered[name] for name in names & offered.keys() - {member.path.stem}
        )
    return _without_cycles(found)


def _without_cycles(imports: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Follow imports of imports; modules that import each other are nobody's helpers."""
    reach = {name: set(direct) for name, direct in imports.items() if direct}
    is_growing = True
    while is_growing:
        before = sum(map(len, reach.values()))
        for direct in reach.values():
            direct.update(*(reach.get(name, ()) for name in tuple(direct)))
        is_growing = sum(map(len, reach.values())) > before
    return {
        name: frozenset(other for other in direct if name not in reach.get(other, ()))
        for name, direct in reach.items()
    }
