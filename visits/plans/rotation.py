"""Taking turns ("xoay vòng"): which places of a cadre still wait in this round, and on which days to go. Pure."""


def waiting_in_round(places, turns):
    """The places that have not had their turn in the running round.

    `turns`: places as they were visited or planned, oldest first; a round ends when every place had a turn. What a
    cadre no longer covers does not count.
    """
    had = set()
    for place in turns:
        if place in places:
            had.add(place)
            if had >= set(places):
                had = set()
    return [place for place in places if place not in had]


def take_turns(places, turns, number, taken=()):
    """`number` places for one cadre: of those that wait in the round the first by the order of `places`.

    `places` come weakest first; what is already in the month's plan (`taken`) comes after what is not.
    """
    turns, chosen = list(turns), []
    for _ in range(number if places else 0):
        waiting = waiting_in_round(places, turns)
        place = min(waiting, key=lambda each: (each in taken or each in chosen, places.index(each)))
        chosen.append(place)
        turns.append(place)
    return chosen


def spread(days, number, shift=0):
    """At most `number` of the free `days`, evenly over them, moved by `shift` so that not everybody goes at once."""
    number = min(number, len(days))
    found = {(((2 * n + 1) * len(days)) // (2 * number) + shift) % len(days) for n in range(number)}
    return [days[n] for n in sorted(found)]


def still_to_plan(times, done, planned, months_left):
    """How many lines of this month a norm asks for: what is left, shared over the months of its period that are left.

    A norm of a month has one month left; of three turns a quarter with three months left one falls to this month.
    """
    left = max(0, times - done - planned)
    return -(-left // months_left)
