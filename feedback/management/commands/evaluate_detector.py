"""Measure the wrong-level matching on a labelled file."""

import json
from datetime import date
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from feedback.matching import Case, best_match


class Command(BaseCommand):
    help = (
        "Print n, tp, fp, fn, precision and recall on a file of lines "
        '{"raised": {"text", "village", "field", "on"}, "settled": [the same…], "match": index or null}.'
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--json", action="store_true", help="print one JSON object (it always does)")

    def handle(self, *, file, **options):
        try:
            lines = Path(file).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Không đọc được tệp “{file}”: {error}") from error
        pairs = [_pair(line, number) for number, line in enumerate(lines, 1) if line.strip()]
        if not pairs:
            raise CommandError(f"Tệp “{file}” không có dòng nào để đánh giá.")
        outcomes = [(best_match(raised, settled), match) for raised, settled, match in pairs]
        self.stdout.write(json.dumps(measure(outcomes)))


def measure(outcomes):
    """From (predicted, labelled) indices. A wrong index is a false alarm and a miss at once."""
    tp = sum(predicted is not None and predicted == match for predicted, match in outcomes)
    fp = sum(predicted is not None and predicted != match for predicted, match in outcomes)
    fn = sum(match is not None and predicted != match for predicted, match in outcomes)
    precision = tp / (tp + fp) if tp + fp else float(not fn)
    recall = tp / (tp + fn) if tp + fn else 1.0
    figures = {"n": len(outcomes), "tp": tp, "fp": fp, "fn": fn}
    return figures | {"precision": round(precision, 4), "recall": round(recall, 4)}


def _pair(line, number):
    """(raised, settled, match) of one line."""
    try:
        row = json.loads(line)
        raised, settled, match = _case(row["raised"]), [_case(one) for one in row["settled"]], row["match"]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CommandError(f"Dòng {number} không đúng định dạng: {type(error).__name__} {error}") from error
    if match is not None and (not isinstance(match, int) or isinstance(match, bool) or not 0 <= match < len(settled)):
        raise CommandError(f"Dòng {number}: “match” phải là null hoặc số thứ tự từ 0 đến {len(settled) - 1}.")
    return raised, settled, match


def _case(row):
    day = date.fromisoformat(row["on"])
    if not isinstance(row["text"], str):
        raise TypeError("“text” must be a string")
    return Case(row["text"], str(row.get("village") or ""), str(row.get("field") or ""), day)
