"""Rows under a head, as text and as a table of a notebook."""

from minikafka.deploy.columns import html_table, table


def test_numbers_stand_to_the_right_and_words_to_the_left():
    assert str(table(("who", "how many"), [("b1", 1200), ("controller", 7)])) == (
        "who         how many\n"
        "----------  --------\n"
        "b1             1,200\n"
        "controller         7"
    )


def test_spans_and_shares_count_as_numbers():
    assert table(("took",), [("9 ms",), ("123 ms",)]).lines[2:] == ["  9 ms", "123 ms"]
    assert table(("value",), [(2.0,), (2.5,), (True,)]).lines[2:] == ["2", "2.5", "True"]


def test_an_empty_table_has_its_head():
    assert str(table(("one", "two"), [])) == "one  two\n---  ---"


def test_a_notebook_shows_a_real_table():
    shown = table(("who", "how many"), [("b1", 1200), ("<c1>", 7)])
    assert repr(shown) == str(shown)
    assert '<th scope="col" style="text-align:left">who</th><th scope="col">how many</th>' in shown._repr_html_()
    assert '<td style="text-align:left">&lt;c1&gt;</td><td>7</td>' in shown._repr_html_()


def test_a_number_keeps_its_unit_beside_it():
    assert "<td>9&nbsp;ms</td>" in table(("took",), [("9 ms",)])._repr_html_()


def test_a_caption_is_said_if_there_is_one():
    assert html_table(["one"], [["1"]], "The & table").startswith("<table><caption>The &amp; table</caption>")
    assert html_table(["one"], []) == '<table><thead><tr><th scope="col">one</th></tr></thead><tbody></tbody></table>'
