"""PostgreSQL: questions by psycopg2, dumps by PostgreSQL's own programs."""

import contextlib
import subprocess

import psycopg2
from psycopg2 import sql

from .settings import ProductionError


@contextlib.contextmanager
def connected(database="postgres"):
    """Yield a connection to a database of the server; each statement is committed by itself."""
    try:
        connection = psycopg2.connect(dbname=database, connect_timeout=10, application_name="brp")
    except psycopg2.Error as error:
        raise ProductionError(f"the database {database} cannot be reached: {_first_line(error)}") from None
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def rows(connection, query, *parameters):
    """The rows of a query, as tuples."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []


def exists(name):
    with connected() as connection:
        return bool(rows(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name))


def create(name):
    _do("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'", name)


def drop(name):
    _do("DROP DATABASE IF EXISTS {}", name)


def rename(old, new):
    _do("ALTER DATABASE {} RENAME TO {}", old, new)


def users(name):
    """Who is connected to a database, as names of applications: [] when nobody is.

    PostgreSQL's own processes, such as autovacuum, make way by themselves.
    """
    query = """
        SELECT DISTINCT COALESCE(NULLIF(application_name, ''), 'unnamed')
          FROM pg_stat_activity
         WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'
      ORDER BY 1
    """
    with connected() as connection:
        return [application for (application,) in rows(connection, query, name)]


def program(*command):
    """Run one of PostgreSQL's programs and return what it says; raises ProductionError when it fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except OSError as error:
        raise ProductionError(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode:
        raise ProductionError(f"{command[0]} failed: {done.stderr.strip()[:2000]}")
    return done.stdout


def _do(statement, *names):
    with connected() as connection:
        try:
            rows(connection, sql.SQL(statement).format(*map(sql.Identifier, names)))
        except psycopg2.Error as error:
            raise ProductionError(_first_line(error)) from None


def _first_line(error):
    return str(error).strip().partition("\n")[0]
