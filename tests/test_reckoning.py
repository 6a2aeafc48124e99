"""Whether two wishes fit, and who comes first: a case for each edge."""

from __future__ import annotations

import pytest

from server.reckoning import REACH, Fit, Wish, fit, in_turn, rounded, wish

HERE = (140_000, 455_000)


def a_wish(likes="walks coffee", days=(), near="neighbourhood", east=0, place=HERE):
    return Wish(tuple(likes.split()), tuple(days), near, place and (place[0] + east, place[1]))


@pytest.mark.parametrize(
    ("it", "one", "other", "gives"),
    [
        ("what both like, in the resident's order", a_wish("walks coffee"), a_wish("coffee games walks"), (("walks", "coffee"), (), 100)),
        ("nothing in common is no fit", a_wish("walks"), a_wish("games"), None),
        ("a day in common", a_wish(days=(1, 3)), a_wish(days=(3, 4)), (("walks", "coffee"), (3,), 100)),
        ("no day in common is no fit", a_wish(days=(1,)), a_wish(days=(3,)), None),
        ("who gave no day comes on any: the resident", a_wish(), a_wish(days=(3,)), (("walks", "coffee"), (3,), 100)),
        ("who gave no day comes on any: the volunteer", a_wish(days=(1,)), a_wish(), (("walks", "coffee"), (1,), 100)),
        ("the street is three hundred metres", a_wish(near="street"), a_wish(near="street", east=300), (("walks", "coffee"), (), 300)),
        ("and not a metre more", a_wish(near="street"), a_wish(near="street", east=301), None),
        ("the nearer of both counts", a_wish(near="further"), a_wish(near="street", east=400), None),
        ("and the other way round", a_wish(near="street"), a_wish(near="further", east=400), None),
        ("who did not say goes about the neighbourhood", a_wish(near=None), a_wish(near="further", east=1500), (("walks", "coffee"), (), 1500)),
        ("and not further", a_wish(near=None), a_wish(near="further", east=1501), None),
        ("five kilometres is further", a_wish(near="further"), a_wish(near="further", east=-5000), (("walks", "coffee"), (), 5000)),
        ("where nobody knows a street there is no distance", a_wish(place=None), a_wish(), None),
        ("of the volunteer neither", a_wish(), a_wish(place=None), None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fit(it, one, other, gives):
    assert fit(one, other) == (Fit(*gives) if gives else None), it


def test_no_distance_points_at_a_door():
    assert [rounded(metres) for metres in (0, 49, 50, 149, 150, 449.9, 450)] == [100, 100, 100, 100, 200, 400, 500]


def test_the_nearest_comes_first_and_of_those_who_was_asked_least():
    fits = {key: Fit(("walks",), (), metres) for key, metres in (("a", 400), ("b", 300), ("c", 300), ("d", 300))}
    whose = {"a": "ann", "b": "bob", "c": "cas", "d": "dee"}
    assert in_turn(fits, {"bob": 2, "cas": 1}, whose) == ["d", "c", "b", "a"]


def test_a_wish_is_what_the_record_says():
    assert wish({"likes": ["walks"], "weekdays": [1], "near": "street", "text": "Liefst stil"}, HERE) == Wish(("walks",), (1,), "street", HERE)
    assert wish({"likes": ["walks"]}, None) == Wish(("walks",), (), None, None)
    assert list(REACH) == ["street", "neighbourhood", "further"]
