"""The classroom: guess, order, write, and see it judged. In a lab: `from minikafka.classroom.desk import *`.

    predict("…acks=1… b1 loses power.\\n\\nIs it still on the board?", [     # the last paragraph is the question
        Option("a", "Yes, it was acknowledged.", "Acknowledged means safe", "With `acks=1` the leader answers alone."),
        Option("b", "No, and nobody is told.", "", "Who would have to wait, then?", True),
    ], name="04/guess", later=False)      # a name is kept in labs/.progress.json; later: .reveal() or a button

    order("Fail over to us-west.", ["Stop the producers", Step("Wait for lag 0", "before, it has no end"), "Promote"],
          before=[(0, 1), (1, 2, "the rest would be missing")])     # without `before` only the order as written

    GATE = Exercise(name="04/gate", objective="say when acks=all is refused", task="Write `may_write(isr, min_isr)`.",
                    cases=[Case(((1,), 2), False, "two are needed")], wrong=[Wrong(wrong_function, "Its own message.")],
                    hints=["…", "…", "…"], solution=may_write)      # in classroom/exercises/lab_04.py: then by its name
    check("04/gate", mine); hint("04/gate"); solution("04/gate"); progress("04"); progress("04", reset=True)
    GATE.complaints()                             # for a test: what its author forgot; [] if nothing

    trial("high watermark", mine, seeds=10)       # mine(log_end, ends) leads every partition while storms blow
    trial("choose leader", mine, scenes=[scene])  # scene(world, seed): the author's own story, with all laws
    with swap(acked, mine): …                     # the bare exchange;  show(acked): the code that ran

Rules that can be put on trial are in `swappables`. A value is an exercise too: solution=41, wrong=[Wrong(42, "…")].
MINIKAFKA_PROGRESS=memory keeps no file; tests of notebooks need it, so that what is stored never depends on a learner.
"""
