"""Lab 08: what distance does, which site may be lost, what is saved by reading near.

Promises     each wrong answer that people give has a reply of its own.
Stands for   nothing in Kafka.
Left out     the drills that judge `after_loss`: see `site_loss_trial`.
Differs      -
"""

from __future__ import annotations

from minikafka.classroom.exercise import Case, Exercise, Wrong
from minikafka.classroom.site_loss_trial import AT_RISK, GO_ON, SAFE, STOP


def after_loss(here: int, elsewhere: int, min_isr: int) -> tuple[str, str]:
    """Safe if the lost site alone was never enough; writes go on if the others are enough."""
    return (SAFE if here < min_isr else AT_RISK, GO_ON if elsewhere >= min_isr else STOP)


def _replicated_is_safe(here, elsewhere, min_isr):
    return (SAFE if elsewhere else AT_RISK, GO_ON if elsewhere >= min_isr else STOP)


def _one_is_enough(here, elsewhere, min_isr):
    return (SAFE if here < min_isr else AT_RISK, GO_ON if elsewhere else STOP)


def _majority(here, elsewhere, min_isr):
    return (SAFE if here < min_isr else AT_RISK, GO_ON if elsewhere > here else STOP)


def _equal_is_safe(here, elsewhere, min_isr):
    return (SAFE if here <= min_isr else AT_RISK, GO_ON if elsewhere >= min_isr else STOP)


def _more_is_needed(here, elsewhere, min_isr):
    return (SAFE if here < min_isr else AT_RISK, GO_ON if elsewhere > min_isr else STOP)


def _safe_goes_on(here, elsewhere, min_isr):
    return (SAFE, GO_ON) if here < min_isr else (AT_RISK, STOP)


TRIPS = Exercise(
    name="08/trips",
    objective="say how long a write takes over a distance, and why",
    task="Set `trips` to a whole number: how many times the distance (one way) a write with acks=all takes.",
    solution=2,
    hints=(
        "Read the messages of the write: which of them crossed between the cities?",
        "The record went over. Who had to hear of that?",
        "Over with the record, back with the next fetch.",
    ),
    wrong=(
        Wrong(1, "After one trip the far replica has the record. b1 does not know that, and b1 answers."),
        Wrong(3, "The far follower's request lay at b1 already, so that it had not to be sent first."),
        Wrong(4, "“The follower has to ask first.” Its request lay at b1 already; that is what fetch.wait is for."),
    ),
    because="There with the record, back with the next fetch, which says by its offset that the record has arrived.",
)

MAJORITY = Exercise(
    name="08/majority",
    objective="say which layout keeps a majority when a site is lost",
    task='Set `keeps` to three words, "yes" or "no": does a majority of the voters remain after the west is lost, in '
         "(two sites, two and a half, three)?",
    solution=("no", "yes", "yes"),
    hints=(
        "Count the voters of each site, and how many are left.",
        "3-3, 2-2-1, 2-2-2. A majority is more than half of all, not of those left.",
        "Left are three of six, three of five, four of six.",
    ),
    wrong=(
        Wrong(("yes", "yes", "yes"), "“Two data centres are enough for a quorum.” Three of six are half, and half is "
                                     "no majority."),
        Wrong(("no", "no", "yes"), "Three of five are a majority. One of the three is the cupboard's."),
        Wrong(("no", "no", "no"), "A majority is more than half of the voters: three of five, four of six."),
    ),
    because="The third site may be small: it only has to be somewhere else.",
)

SLOWEST = Exercise(
    name="08/slowest",
    objective="say how long a write takes over a distance, and why",
    task="Set `slowest` to the name of the producer's setting that most of the outage waited for, as text.",
    solution="request.timeout.ms",
    hints=(
        "The east led long before the first write went on. For whom did the producer still wait?",
        "A machine without power answers nothing, and refuses nothing. How long does a producer wait for an answer?",
        'Its requests timed out after half a minute: "request.…"',
    ),
    wrong=(
        Wrong("broker.session.timeout.ms", "That is the controller's patience, and was over long before."),
        Wrong("delivery.timeout.ms", "After that the producer gives a record up. It did not: the records were "
                                     "acknowledged in the end."),
        Wrong("replica.lag.time.max.ms", "That is a leader's patience with followers. Here the leader was gone."),
    ),
    because="A cut-off client does not know. Whoever shortens this patience must be sure that answers are never that "
            "slow by themselves.",
)

MINIMUM = Exercise(
    name="08/minimum",
    objective="choose min.insync.replicas so that a lost site takes nothing acknowledged with it",
    task="Set `minimum` to the smallest min.insync.replicas with which nothing acknowledged was lost in the table.",
    solution=3,
    hints=(
        "Look at the column of the records that are nobody's.",
        "With the bad lines the ISR was [1, 2]: how many must it be allowed to have?",
        "More than one site has.",
    ),
    wrong=(
        Wrong(2, "“RPO is 0 because we replicate.” Two replicas are in one city: they were enough to acknowledge, and "
                 "then gone together."),
        Wrong(4, "Nothing would be lost with 4 either. But then one dead broker stops all writes; there is a smaller "
                 "one."),
        Wrong(1, "With 1 the leader alone is enough."),
    ),
    because="More than any one site has: then whatever is acknowledged stands in two cities.",
)

NEAR = Exercise(
    name="08/near",
    objective="say what fetching from followers saves, and what it does not make faster",
    task='Set `near` to two words, "less" or "same": (bytes between the cities for a reader in the east, time of a '
         "write).",
    solution=("less", "same"),
    hints=(
        "Compare the two rows column by column.",
        "Who carries the records to the east in any case?",
        "The replicas in the east fetch everything anyway; the reader no longer does so once more.",
    ),
    wrong=(
        Wrong(("less", "less"), "“Fetching from followers makes producers faster.” A write waits for the replicas in "
                                "sync, whoever reads."),
        Wrong(("same", "less"), "The other way round."),
        Wrong(("same", "same"), "Look at the bytes: the reader fetches what its city already has."),
    ),
    because="The reader takes from its own city what was brought there for the replicas.",
)

AFTER_LOSS = Exercise(
    name="08/after_loss",
    objective="write the rule which says of a placement what losing the leader's site does",
    task='Write `after_loss(here, elsewhere, min_isr)`: ("safe" or "at risk", "go on" or "stop").',
    solution=after_loss,
    hints=(
        "Two questions. Could what is lost have acknowledged alone? Can what is left?",
        "The ISR may have shrunk to the leader's site before. Acknowledged is what an ISR of at least `min_isr` has.",
        "At risk: `here` alone is enough (>= min_isr). Go on: `elsewhere` alone is enough.",
    ),
    cases=(
        Case((2, 2, 2), (AT_RISK, GO_ON), "two and two, two asked for"),
        Case((2, 2, 3), (SAFE, STOP), "two and two, three asked for"),
        Case((1, 2, 2), (SAFE, GO_ON), "one in each of three cities, two asked for"),
        Case((3, 0, 2), (AT_RISK, STOP), "all in one city"),
        Case((3, 3, 3), (AT_RISK, GO_ON), "three and three, three asked for"),
        Case((2, 1, 3), (SAFE, STOP), "two and one, all asked for"),
        Case((3, 1, 2), (AT_RISK, STOP), "three and one, two asked for"),
    ),
    wrong=(
        Wrong(_replicated_is_safe, "“RPO is 0 because we replicate.” Replicas elsewhere may have left the ISR, and "
                                   "then the leader's site acknowledges alone."),
        Wrong(_one_is_enough, "One replica left can lead. It may acknowledge only if `min_isr` allows that."),
        Wrong(_majority, "Replicas do not vote. What counts is the ISR and its minimum."),
        Wrong(_equal_is_safe, "If the site has as many as are asked for, it is enough by itself: no longer safe."),
        Wrong(_more_is_needed, "As many as are asked for are enough to go on."),
        Wrong(_safe_goes_on, "Being safe and going on pull against each other: with two and two, each minimum gives "
                             "one of them and takes the other."),
    ),
    because="With two sites and replicas alone one cannot have both. A third site, or observers that step in (lab 09), "
            "can.",
)
