"""Whole tables by INSERT … SELECT, in words that SQLite and PostgreSQL both understand."""

from contextlib import contextmanager

from django.db import connection, models

SALTS = 9_973


def insert(model, source, **expressions):
    """Add a row for each row of `source` (all that follows FROM); other columns get the defaults of their fields.

    Returns how many rows.
    """
    columns, selected, params, quote = [], [], [], connection.ops.quote_name
    for field in model._meta.concrete_fields:
        expression = expressions.pop(field.attname, None)
        if expression is None and field.primary_key:
            continue
        columns.append(quote(field.column))
        selected.append(expression or "%s")
        if expression is None:
            params.append(_default(field))
    if expressions:
        raise TypeError(f"{model.__name__} has no column {', '.join(sorted(expressions))}")
    table = quote(model._meta.db_table)
    return run(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(selected)} FROM {source}", params)


def _default(field):
    if field.has_default():
        return field.get_default()
    return "" if isinstance(field, models.CharField | models.TextField) and not field.null else None


def run(sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.rowcount


def chance(expression, salt, below):
    """A number from 0 to `below` - 1 that looks like chance and is the same each time."""
    return f"((({expression}) * 48271 + {salt % SALTS}) %% 65537 * 7919 %% 10007 %% {below})"


def plus_days(column, days):
    if connection.vendor == "postgresql":
        return f"({column} + ({days})::integer)"
    return f"date({column}, ({days}) || ' days')"


def at_eight(column):
    """Eight in the morning of a day, here."""
    if connection.vendor == "postgresql":
        return f"(({column} + time '08:00') AT TIME ZONE 'Asia/Ho_Chi_Minh')"
    return f"({column} || ' 01:00:00')"


def compact(column):
    """A day as '20140101'."""
    return f"to_char({column}, 'YYYYMMDD')" if connection.vendor == "postgresql" else f"replace({column}, '-', '')"


@contextmanager
def short_tables(**tables):
    """Temporary tables {name: (columns with their types, rows)}."""
    for name, (columns, rows) in tables.items():
        run(f"DROP TABLE IF EXISTS {name}")
        run(f"CREATE TEMPORARY TABLE {name} ({', '.join(columns)})")
        if rows:
            with connection.cursor() as cursor:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    yield
    for name in tables:
        run(f"DROP TABLE {name}")


def tell_planner():
    """PostgreSQL plans a bulk load by the statistics of the empty tables until it is told."""
    if connection.vendor == "postgresql":
        run("ANALYZE")
