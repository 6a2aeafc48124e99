"""Streets: how a file of them is read, and how a street is found as people write it."""

from __future__ import annotations

import pytest

from server import streets

FILE = ["street,city,x,y", "Rietgors,Elmerwaard,140000,455000", "Plein 1944,Elmerwaard,140400,455300", "'s-Gravenweg,Óud Éind,1,300000"]


@pytest.fixture
async def known(office):
    await office.write(lambda tx: streets.load(tx, streets.read(FILE)))
    return office


@pytest.mark.parametrize(
    ("street", "city", "place"),
    [
        ("Rietgors", "Elmerwaard", (140000, 455000)),
        ("  rietgors  14 ", "ELMERWAARD", (140000, 455000)),
        ("Rietgors 14 bis", "Elmerwaard", (140000, 455000)),
        ("Plein 1944 12", "Elmerwaard", (140400, 455300)),
        ("Plein 1944", "Elmerwaard", (140400, 455300)),
        ("'S-GRAVENWEG 3a", "oud eind", (1, 300000)),
        ("Rietgors", "Elders", None),
        ("Rietgorsstraat 1", "Elmerwaard", None),
        ("14", "Elmerwaard", None),
        (None, "Elmerwaard", None),
        ("Rietgors", None, None),
    ],
)
async def test_a_street_is_found_as_people_write_it(known, street, city, place):
    assert await known.read(lambda tx: streets.find(tx, street, city)) == place


async def test_the_same_file_twice_is_once_and_the_last_place_counts(known):
    again = streets.read([FILE[0], "RIETGORS,elmerwaard,140001,455001"])
    await known.write(lambda tx: streets.load(tx, again))
    assert await known.read(lambda tx: streets.find(tx, "Rietgors", "Elmerwaard")) == (140001, 455001)
    assert len(await known.read(lambda tx: tx.all("SELECT id FROM street"))) == 3


def test_semicolons_and_a_mark_before_the_first_column_are_understood():
    assert streets.read(["\ufeffcity;street;y;x;more", "Elmerwaard;Rietgors;455000;140000;x"]) == [
        ("rietgors, elmerwaard", "Rietgors", "Elmerwaard", 140000, 455000)
    ]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "line 1: the columns street, city, x, y are missing"),
        (["street,city,x"], "line 1: the columns y are missing"),
        ([FILE[0], "Rietgors,,1,400000"], "line 2: a street and a city are needed"),
        ([FILE[0], "Rietgors,Elmerwaard,hier,400000"], "line 2: x is to be a whole number of metres from 0 to 300000, and is 'hier'"),
        ([FILE[0], "Rietgors,Elmerwaard,1"], "line 2: y is to be a whole number of metres from 300000 to 640000, and is ''"),
        ([FILE[0], "Rietgors,Elmerwaard,52,5"], "line 2: y is to be"),
        ([*FILE[:2], "rietgors ,elmerwaard,1,400000"], "line 3: rietgors in elmerwaard stood in an earlier line"),
        ([FILE[0], *["x,,1,1"] * 30], "and 10 more"),
    ],
)
def test_what_is_wrong_is_told_line_by_line(lines, says):
    with pytest.raises(streets.WrongError, match=says.replace("(", r"\(")):
        streets.read(lines)
