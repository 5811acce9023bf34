"""Sharing out exact totals unevenly, as life does."""

import math


def apportion(total, weights, minimum=0):
    """Whole numbers, at least `minimum` each, in proportion to `weights`, that add up to `total` exactly."""
    rest = total - minimum * len(weights)
    if rest < 0:
        raise ValueError(f"{total} is too little for {len(weights)} shares of at least {minimum}")
    if not weights:
        return []
    scale = rest / sum(weights)
    shares = [weight * scale for weight in weights]
    whole = [int(share) for share in shares]
    by_fraction = sorted(range(len(weights)), key=lambda i: (whole[i] - shares[i], i))
    for i in by_fraction[: rest - sum(whole)]:
        whole[i] += 1
    return [minimum + share for share in whole]


def choose_uneven(rng, odds, count):
    """Exactly `count` keys of `odds` {key: probability}; the likelier a key, the sooner it is taken."""
    noise = {key: _logit(p) + _logit(rng.uniform(0.001, 0.999)) for key, p in odds.items()}
    return set(sorted(noise, key=lambda key: (-noise[key], key))[:count])


def _logit(p):
    p = min(max(p, 0.001), 0.999)
    return math.log(p / (1 - p))
