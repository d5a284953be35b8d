"""Which cases the gate tries: names that can be read back, every kind everywhere, and the same pairs each time."""

import pytest

from tests.faults.cases import Case, named, one_each, pairs, places_of, singles
from tests.faults.scene import SCENES, SEATS, scene_of
from tests.modelserver.catalogue import CATALOGUE, in_order


def test_a_name_is_read_back_as_its_case() -> None:
    """Every name that the gate prints tries that case again."""
    cases = [*singles(), *pairs(50)]
    assert [named(str(case)) for case in cases] == cases
    assert len({str(case) for case in cases}) == len(cases)


@pytest.mark.parametrize("name", ["", "T2/e429/code/once", "T2/e429/kitchen/once/whole", "T2/e999/code/once/whole"])
def test_another_name_is_refused(name: str) -> None:
    """What names no case is told, and tries nothing."""
    with pytest.raises(ValueError):
        named(name)


def test_every_kind_is_tried_wherever_it_can_be_met() -> None:
    """Each kind once at each seat and wire where it changes something, each of its ways at least once, and for ever."""
    tried = [(case.strikes[0], case.stream) for case in singles()]
    for fault in in_order():
        places = list(places_of(fault))
        once = [(s.kind, s.seat, stream) for s, stream in tried if s.kind.fault is fault and s.length == "once"]
        assert {(seat, stream) for _, seat, stream in places} == {(seat, stream) for _, seat, stream in once}
        assert {kind for kind, _, _ in places} == {kind for kind, _, _ in once}
        always = {s.seat for s, _ in tried if s.kind.fault is fault and s.length == "always"}
        assert always == {seat for _, seat, _ in places}


def test_the_short_form_has_every_kind_and_every_seat() -> None:
    """One case for each kind of the catalogue, and no seat is left out."""
    cases = one_each()
    assert [case.strikes[0].kind.fault.name for case in cases] == [fault.name for fault in in_order()]
    assert len(cases) == len(CATALOGUE)
    assert {case.strikes[0].seat for case in cases} == set(SEATS)
    assert {case.stream for case in cases} == {True, False}


def test_pairs_are_drawn_by_their_seed() -> None:
    """The same seed gives the same pairs, another one others; both faults are of different families."""
    assert pairs(40, 1) == pairs(40, 1) != pairs(40, 2)
    assert all(len(set(case.family)) == 2 for case in pairs(40))


def test_every_seat_is_taken_in_some_scene() -> None:
    """A scene says which seats are taken in it, and each seat is."""
    assert {seat for scene in SCENES for seat in scene.seats} == set(SEATS)
    assert all(seat in scene_of(seat).seats for seat in SEATS)


def test_two_faults_share_a_run_in_which_both_seats_are_taken() -> None:
    """Pairs are played where both can strike, as far as there is such a run."""
    case = Case((named("T2/e429/code/once/whole").strikes[0], named("M1/empty/fix/once/whole").strikes[0]), False)
    assert {"code", "fix"} <= set(scene_of(*(strike.seat for strike in case.strikes)).seats)
