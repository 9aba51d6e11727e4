"""``gradebook.sqlite3``: what is known of every attempt, in tables that can be asked.

An index, not the record: everything in it but the count of tries can be made again from the
result folders. Tables: ``attempts`` and ``criteria`` for people who know SQL, ``runs`` for the
grader itself, which has to know after a crash what was running.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import (
    URL,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    create_engine,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.pool import NullPool

from grader.report.model import Report

VERSION: Final = 1
"""Of the tables; a file of another version is made anew."""
CACHE_KIB: Final = 512
_METADATA: Final = MetaData()
ATTEMPTS: Final = Table(
    "attempts",
    _METADATA,
    Column("student_key", String, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("display_name", String, nullable=False),
    Column("email", String, nullable=False),
    Column("source", String, nullable=False),
    Column("submission_sha256", String, nullable=False),
    Column("run_key", String, nullable=False, index=True),
    Column("run_state", String, nullable=False),
    Column("run_of", String, nullable=False),
    Column("is_latest", Boolean),
    Column("earned", Float),
    Column("pending", Float),
    Column("maximum", Float),
    Column("needs_review", Boolean),
)
CRITERIA: Final = Table(
    "criteria",
    _METADATA,
    Column("student_key", String, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("criterion", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("earned", Float, nullable=False),
    Column("pending", Float, nullable=False),
    Column("maximum", Float, nullable=False),
)
RUNS: Final = Table(
    "runs",
    _METADATA,
    Column("run_key", String, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("is_running", Boolean, nullable=False),
    Column("is_alone", Boolean, nullable=False),
    Column("is_suspect", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One stored attempt.

    Attributes:
        student_key: Of the student.
        attempt: Its number.
        display_name: Of the student.
        email: Of the student; may be empty.
        source: Where it was found.
        submission_sha256: Digest over what was handed in.
        run_key: Digest over everything that the run's result depends on; empty where nothing ran.
        run_state: How the run ended.
        run_of: ``key/number`` of the identical attempt that was run in its stead; else empty.
    """

    student_key: str
    attempt: int
    display_name: str
    email: str
    source: str
    submission_sha256: str
    run_key: str
    run_state: str
    run_of: str


@dataclass(frozen=True, slots=True)
class Database:
    """An open ``gradebook.sqlite3``; every method that changes it has done so when it returns.

    Attributes:
        connection: To the file; used by one thread.
    """

    connection: Connection

    def attempts(self) -> set[tuple[str, int]]:
        """Key and number of every attempt in it."""
        chosen = select(ATTEMPTS.c.student_key, ATTEMPTS.c.attempt)
        with self._at_once():
            return {(str(key), int(number)) for key, number in self.connection.execute(chosen)}

    def put_attempt(self, row: AttemptRow) -> None:
        """Add an attempt, or replace it with everything that was known of it."""
        with self._at_once():
            self._drop(row.student_key, row.attempt)
            self.connection.execute(insert(ATTEMPTS).values(**asdict(row)))

    def drop_attempts(self, gone: Collection[tuple[str, int]]) -> None:
        """Forget attempts that are not stored any more."""
        with self._at_once():
            for key, number in gone:
                self._drop(key, number)

    def find_run(self, run_key: str) -> tuple[str, int] | None:
        """Key and number of an attempt whose run came to an end of its own, if there is one."""
        chosen = (
            select(ATTEMPTS.c.student_key, ATTEMPTS.c.attempt)
            .where(
                ATTEMPTS.c.run_key == run_key,
                ATTEMPTS.c.run_of == "",
                ATTEMPTS.c.run_state.not_in(("grader failed", "not run")),
            )
            .limit(1)
        )
        with self._at_once():
            row = self.connection.execute(chosen).first()
        return (str(row[0]), int(row[1])) if row else None

    def identical(self) -> list[tuple[str, str]]:
        """``key/number`` of each attempt that was not run itself, and of the one that was."""
        chosen = (
            select(ATTEMPTS.c.student_key, ATTEMPTS.c.attempt, ATTEMPTS.c.run_of)
            .where(ATTEMPTS.c.run_of != "")
            .order_by(ATTEMPTS.c.student_key, ATTEMPTS.c.attempt)
        )
        with self._at_once():
            return [
                (f"{key}/{number}", str(of)) for key, number, of in self.connection.execute(chosen)
            ]

    def tries(self, run_key: str) -> int:
        """How often a run came to no result, crashes while it ran alone included."""
        with self._at_once():
            found = self.connection.scalar(select(RUNS.c.tries).where(RUNS.c.run_key == run_key))
        return int(found or 0)

    def is_suspect(self, run_key: str) -> bool:
        """Whether the grader was killed while this was running beside others."""
        mine = RUNS.c.run_key == run_key
        with self._at_once():
            return bool(self.connection.scalar(select(RUNS.c.is_suspect).where(mine)))

    def start_try(self, run_key: str, *, alone: bool) -> None:
        """Note before a run starts that it does; what is running when we are killed is known.

        Args:
            run_key: Of the run.
            alone: Whether nothing else runs beside it, so that a crash can only be its doing.
        """
        with self._at_once():
            changed = self.connection.execute(
                update(RUNS)
                .where(RUNS.c.run_key == run_key)
                .values(tries=RUNS.c.tries + 1, is_running=True, is_alone=alone)
            )
            if not changed.rowcount:
                values = {"run_key": run_key, "tries": 1, "is_running": True}
                values |= {"is_alone": alone, "is_suspect": False}
                self.connection.execute(insert(RUNS).values(**values))

    def end_try(self, run_key: str, *, succeeded: bool) -> None:
        """Note that a run has ended; one without a result stays counted."""
        mine = RUNS.c.run_key == run_key
        with self._at_once():
            if succeeded:
                self.connection.execute(delete(RUNS).where(mine))
            else:
                self.connection.execute(update(RUNS).where(mine).values(is_running=False))

    def give_back_tries(self) -> None:
        """Do not count what is running: somebody stops the grader in good order."""
        with self._at_once():
            self.connection.execute(
                update(RUNS)
                .where(RUNS.c.is_running)
                .values(tries=RUNS.c.tries - 1, is_running=False)
            )

    def forget_tries(self) -> None:
        """Let everything be tried as if for the first time."""
        with self._at_once():
            self.connection.execute(delete(RUNS))

    @contextmanager
    def new_results(self) -> Iterator[None]:
        """Take the results of a class whole or not at all."""
        with self._at_once():
            self.connection.execute(update(ATTEMPTS).values(is_latest=None))
            self.connection.execute(delete(CRITERIA))
            yield

    def put_result(self, report: Report, *, email: str, is_latest: bool) -> None:
        """Put the points of one attempt in, and whose it is; only within :meth:`new_results`."""
        key, number, totals = report.student.key, report.attempt.number, report.totals
        self.connection.execute(
            update(ATTEMPTS)
            .where(and_(ATTEMPTS.c.student_key == key, ATTEMPTS.c.attempt == number))
            .values(
                display_name=report.student.display_name,
                email=email,
                is_latest=is_latest,
                earned=float(totals.earned),
                pending=float(totals.pending),
                maximum=float(totals.maximum),
                needs_review=report.needs_review,
            )
        )
        rows = [
            {
                "student_key": key,
                "attempt": number,
                "criterion": each.id,
                "title": each.title,
                "outcome": str(each.outcome),
                "earned": float(each.earned),
                "pending": float(each.pending),
                "maximum": float(each.maximum),
            }
            for each in report.criteria
        ]
        if rows:
            self.connection.execute(insert(CRITERIA), rows)

    def _drop(self, key: str, number: int) -> None:
        for table in (ATTEMPTS, CRITERIA):
            mine = and_(table.c.student_key == key, table.c.attempt == number)
            self.connection.execute(delete(table).where(mine))

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        with self.connection.begin():
            yield


@contextmanager
def open_database(path: Path) -> Iterator[Database]:
    """Open the gradebook's database; make it if there is none that can be used.

    A file that is damaged or of another version is put aside as ``gradebook.sqlite3.old``. What
    was running alone when the grader was killed counts as tried; beside others, it is suspect.

    Args:
        path: Of the file; readable by its owner alone.
    """
    if path.exists() and not _is_usable(path):
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        path.replace(path.with_name(f"{path.name}.old"))
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            with connection.begin():
                connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
                _METADATA.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
                _take_in_crash(connection)
            yield Database(connection)
    finally:
        engine.dispose()


def _take_in_crash(connection: Connection) -> None:
    """Count what was running alone as tried, and suspect what was running beside others."""
    beside = and_(RUNS.c.is_running, RUNS.c.is_alone.is_(False))
    connection.execute(update(RUNS).where(beside).values(tries=RUNS.c.tries - 1, is_suspect=True))
    connection.execute(update(RUNS).values(is_running=False))


def _is_usable(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(version == VERSION and verdict == "ok")
