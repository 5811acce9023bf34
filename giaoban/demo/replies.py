"""What is written when an opinion moves: answers, reasons, instructions."""

from giaoban.demo.material import word_list

FROM_MATTER = {"resolved": "answer", "explained": "explanation"}


def reply_text(rng, draft, status):
    """The note that goes with reaching a status; also for `reopened`, `not_satisfied` and `extension`."""
    replies = word_list("replies")
    if status == "answered_on_spot":
        answer = draft.explanation or draft.answer or rng.choice(replies["ACCEPTED"])
        return rng.choice(replies["on_spot"]) + answer[:1].lower() + answer[1:]
    if status == "accepted":
        return draft.answer if draft.kind == "proposal" and draft.answer else rng.choice(replies["ACCEPTED"])
    if status in FROM_MATTER:
        return getattr(draft, FROM_MATTER[status]) or rng.choice(replies["ACCEPTED"])
    return rng.choice(replies[status.upper()])
