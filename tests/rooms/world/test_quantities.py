"""Times, sizes and rates as people write them."""

import pytest

from minikafka.world.quantities import BadQuantity, bytes_of, per_second, say_size, say_span, say_time, us


@pytest.mark.parametrize(
    ("written", "microseconds"),
    [("35ms", 35_000), ("1.5s", 1_500_000), ("250us", 250), ("250µs", 250), ("2 min", 120_000_000),
     ("1h", 3_600_000_000), ("1d", 86_400_000_000), (" 0.1ms ", 100), ("0s", 0), (0, 0), (17, 17), ("0.3s", 300_000)],
)  # fmt: skip
def test_a_time_becomes_whole_microseconds(written, microseconds):
    assert us(written) == microseconds
    assert type(us(written)) is int


@pytest.mark.parametrize(
    ("written", "expected"), [("16KB", 16_384), ("1.5MB", 1_572_864), ("7B", 7), ("1GB", 2**30), (100, 100)]
)
def test_a_size_becomes_bytes(written, expected):
    assert bytes_of(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("200Mbps", 200_000_000), ("1Gbps", 10**9), ("56kbps", 56_000), ("9bps", 9), (8_000, 8_000)],
)
def test_a_rate_becomes_bits_a_second(written, expected):
    assert per_second(written) == expected


@pytest.mark.parametrize("read", [us, bytes_of, per_second])
@pytest.mark.parametrize(
    "written", ["", "5", "ms", "-5ms", "5 parsecs", "1e3s", "5MS", "5,5s", None, 1.5, True, [], b"5ms", "nan"]
)
def test_what_is_not_understood_is_refused_with_what_would_be_right(read, written):
    with pytest.raises(BadQuantity, match='is not understood: write "') as caught:
        read(written)
    assert repr(written) in str(caught.value)


def test_negative_and_empty_quantities_are_refused():
    with pytest.raises(BadQuantity, match="time -5 is negative: write"):
        us(-5)
    with pytest.raises(BadQuantity, match="size -1 is negative: write"):
        bytes_of(-1)
    with pytest.raises(BadQuantity, match="carries nothing: cut the link instead"):
        per_second("0Mbps")


def test_quantities_for_people():
    assert [say_time(t) for t in (0, 1_400_000, 250, 61_000_000)] == ["0.000 s", "1.400 s", "0.000 s", "61.000 s"]
    assert [say_span(t) for t in (0, 250, 35_000, 1_400_000)] == ["0 µs", "250 µs", "35 ms", "1.4 s"]
    assert [say_size(n) for n in (0, 1_023, 1_024, 16_384, 1_572_864, 2**30)] == [
        "0 B",
        "1023 B",
        "1 KB",
        "16 KB",
        "1.5 MB",
        "1 GB",
    ]
