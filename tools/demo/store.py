"""Many rows at once: ids given out here, one wide INSERT for hundreds of rows, on SQLite and PostgreSQL alike."""

from itertools import chain

from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max

VALUES_IN_STATEMENT = 12_000
MOST_ROWS = 2000
SQLITE_CACHE_KIB = 256 * 1024


class Shelf:
    """Rows of one model, kept as dicts until `save`; every row knows its id from the start.

    `same`: what all rows have in common. A `Stream` saves by itself whenever it has many rows.
    """

    most_rows = None

    def __init__(self, model, **same):
        self.model, self.same = model, same
        self.fields = model._meta.concrete_fields
        self.rows = []
        self.next_id = (model.objects.order_by().aggregate(last=Max("pk"))["last"] or 0) + 1

    def add(self, **values):
        """Keep a row; the answer is its id."""
        row_id = values["id"] = self.next_id
        self.next_id += 1
        self.rows.append(values)
        if len(self.rows) == self.most_rows:
            self.save()
        return row_id

    def save(self):
        """Write what was kept since the last time; the answer is how many rows."""
        unknown = set().union(*self.rows) - {field.attname for field in self.fields}
        if unknown:
            raise TypeError(f"{self.model.__name__} has no column {', '.join(sorted(unknown))}")
        table, quote = self.model._meta.db_table, connection.ops.quote_name
        columns = ", ".join(quote(field.column) for field in self.fields)
        head = f"INSERT INTO {quote(table)} ({columns}) VALUES "
        row_sql = f"({', '.join(['%s'] * len(self.fields))})"
        defaults = [self._default(field) for field in self.fields]
        with connection.cursor() as cursor:
            for start in range(0, len(self.rows), MOST_ROWS):
                _insert(cursor, head, row_sql, list(self._values(self.rows[start : start + MOST_ROWS], defaults)))
        count, self.rows = len(self.rows), []
        return count

    def _values(self, rows, defaults):
        """The rows as the database takes them, made column by column."""
        columns = []
        for field, default in zip(self.fields, defaults, strict=True):
            name, adapt = field.attname, _adapter(field)
            values = [row.get(name, default) for row in rows]
            columns.append([None if v is None else adapt(v) for v in values] if adapt else values)
        return zip(*columns, strict=True)

    def _default(self, field):
        """What a row has that says nothing: the shelf's own value, the field's, or empty."""
        if field.attname in self.same:
            return self.same[field.attname]
        if field.has_default():
            return field.get_default()
        return "" if isinstance(field, models.CharField | models.TextField) and not field.null else None


class Stream(Shelf):
    """A shelf for very many rows; foreign keys may point to rows that come later in the transaction."""

    most_rows = MOST_ROWS


def _insert(cursor, head, row_sql, rows):
    """SQLite is quickest row by row inside one call, PostgreSQL with many rows in one statement."""
    if connection.vendor == "sqlite":
        cursor.executemany(head + row_sql, rows)
        return
    size = max(1, VALUES_IN_STATEMENT // len(rows[0]))
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        cursor.execute(head + ", ".join([row_sql] * len(part)), list(chain.from_iterable(part)))


def _adapter(field):
    """How values of a field are written, None where they go as they are."""
    if isinstance(field, models.DateTimeField):
        zone = connection.timezone
        return (lambda value: _plain(value, zone)) if connection.vendor == "sqlite" else None
    if isinstance(field, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(field, models.TimeField):
        return connection.ops.adapt_timefield_value
    if isinstance(field, models.JSONField):
        return lambda value: field.get_db_prep_save(value, connection)
    return None


def _plain(moment, zone):
    """The same as SQLite's own adapter in the backend, several times quicker."""
    return moment.astimezone(zone).replace(tzinfo=None).isoformat(" ")


def update_rows(model, columns, rows):
    """Set `columns` of many rows: each row is (values of the columns …, id)."""
    fields = [model._meta.get_field(name) for name in columns]
    adapters = [*(_adapter(field) for field in fields), None]
    quote = connection.ops.quote_name
    setting = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    params = [
        tuple(
            adapt(value) if adapt and value is not None else value for adapt, value in zip(adapters, row, strict=True)
        )
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {setting} WHERE id = %s", params)


def widen_cache():
    """Room in memory for the indexes of a bulk load; PostgreSQL has its own."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}")


def reset_sequences(shelves):
    """Let the database go on counting after our own ids."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [shelf.model for shelf in shelves]):
            cursor.execute(statement)
