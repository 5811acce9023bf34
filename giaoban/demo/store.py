"""Many rows at once: ids given out here, one wide INSERT for hundreds of rows, on SQLite and PostgreSQL alike."""

from functools import partial

from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max

VALUES_IN_STATEMENT = 12_000
MOST_ROWS = 800


class Shelf:
    """Rows of one model, kept as dicts until `save`; every row knows its id from the start."""

    def __init__(self, model, **same):
        self.model, self.same = model, same
        self.fields = model._meta.concrete_fields
        self.names = {field.attname for field in self.fields}
        self.rows = []
        self.next_id = (model.objects.order_by().aggregate(last=Max("pk"))["last"] or 0) + 1

    def add(self, **values):
        """Keep a row; the answer is its id."""
        unknown = values.keys() - self.names
        if unknown:
            raise TypeError(f"{self.model.__name__} has no column {', '.join(sorted(unknown))}")
        values["id"] = self.next_id
        self.next_id += 1
        self.rows.append(values)
        return values["id"]

    def save(self):
        """Write what was kept since the last time; the answer is how many rows."""
        if not self.rows:
            return 0
        makers = [self._maker(field) for field in self.fields]
        table, quote = self.model._meta.db_table, connection.ops.quote_name
        columns = ", ".join(quote(field.column) for field in self.fields)
        row_sql = f"({', '.join(['%s'] * len(self.fields))})"
        size = min(MOST_ROWS, VALUES_IN_STATEMENT // len(self.fields))
        with connection.cursor() as cursor:
            for start in range(0, len(self.rows), size):
                part = self.rows[start : start + size]
                params = [make(row) for row in part for make in makers]
                cursor.execute(
                    f"INSERT INTO {quote(table)} ({columns}) VALUES {', '.join([row_sql] * len(part))}", params
                )
        count, self.rows = len(self.rows), []
        return count

    def _maker(self, field):
        """row -> value of a column as the database takes it."""
        default = self.same.get(field.attname, field.get_default() if field.has_default() else _empty(field))
        if callable(default):
            raise TypeError(f"{field.name} needs a value of its own")
        adapt = _adapter(field)
        return lambda row: adapt(row.get(field.attname, default))


def _empty(field):
    return "" if isinstance(field, models.CharField | models.TextField) and not field.null else None


def _adapter(field):
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(field, models.TimeField):
        return connection.ops.adapt_timefield_value
    if isinstance(field, models.JSONField):
        return partial(field.get_db_prep_value, connection=connection)
    return _as_it_is


def _as_it_is(value):
    return value


def update_rows(model, columns, rows):
    """Set `columns` of many rows: each row is (values of the columns …, id)."""
    fields = [model._meta.get_field(name) for name in columns]
    adapters = [*(_adapter(field) for field in fields), _as_it_is]
    quote = connection.ops.quote_name
    setting = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    params = [tuple(adapt(value) for adapt, value in zip(adapters, row, strict=True)) for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {setting} WHERE id = %s", params)


def reset_sequences(shelves):
    """Let the database go on counting after our own ids."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [shelf.model for shelf in shelves]):
            cursor.execute(statement)
