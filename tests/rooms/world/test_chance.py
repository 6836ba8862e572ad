"""One seed, a stream for each room."""

from minikafka.world.chance import Chance


def rolls(dice, count=10):
    return [dice.random() for _ in range(count)]


def test_the_same_seed_and_name_give_the_same_rolls():
    assert rolls(Chance(7).stream("network")) == rolls(Chance(7).stream("network"))
    # Pinned: another number here is another story in every lab of the course.
    assert Chance(7).stream("network").randrange(1_000_000) == 922168


def test_a_new_roll_in_one_room_moves_no_other():
    quiet, busy = Chance(7), Chance(7)
    before = rolls(quiet.stream("placement"), 3)
    rolls(busy.stream("network"), 1_000)
    rolls(busy.stream("a room that is new"), 5)
    assert rolls(busy.stream("placement"), 3) == before


def test_a_stream_goes_on_where_it_was():
    one, other = Chance(7), Chance(7)
    assert rolls(one.stream("x"), 4) == rolls(other.stream("x"), 2) + rolls(other.stream("x"), 2)


def test_seeds_and_names_tell_streams_apart():
    firsts = [rolls(Chance(seed).stream(name), 1)[0] for seed in (0, 1, -1, 2**62) for name in ("", "a", "b", "a/b")]
    assert len(set(firsts)) == len(firsts)
