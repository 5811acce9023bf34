"""What is wrong with a file: every finding with the JSON path of its place."""

from core.errors import DomainError

SHOWN = 20


class Problems:
    """Collects findings, so that one look at the file mends them all. Warnings stop nothing."""

    def __init__(self):
        self.found, self.warnings = [], []

    def add(self, path, sentence):
        self.found.append(f"{path}: {sentence}")

    def warn(self, path, sentence):
        self.warnings.append(f"{path}: {sentence}")

    def stop(self):
        """Refuse the file when anything was found; later steps may rely on what earlier ones checked."""
        if not self.found:
            return
        lines = self.found[:SHOWN]
        if len(self.found) > SHOWN:
            lines.append(f"… và {len(self.found) - SHOWN} lỗi khác.")
        raise DomainError("Tệp có lỗi nên chưa nạp gì. Sửa các chỗ sau rồi nạp lại:\n" + "\n".join(lines))
