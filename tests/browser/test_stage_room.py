"""Room on the stage: no words leave their box, run into one another or are cut short, at any time of these worlds."""

import pytest

LOOK = r"""() => {
  const svg = document.querySelector('.mk-scene'), found = new Set();
  const seen = (node) => getComputedStyle(node).visibility !== 'hidden';
  const box = (node) => { const b = node.getBBox(); return { left: b.x, right: b.x + b.width, top: b.y, bottom: b.y + b.height, says: node.textContent }; };
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const all = [...svg.querySelectorAll('text')].filter((node) => node.textContent && !node.closest('.mk-packet') && seen(node));
  for (const frame of svg.querySelectorAll('.mk-machine > .mk-card, .mk-group-box > rect, .mk-region > rect, .mk-link > .mk-plate, .mk-outline')) {
    const around = box(frame);
    for (const node of all.filter((node) => frame.parentNode.contains(node))) {
      const words = box(node);
      if (words.left < around.left || words.right > around.right || words.bottom > around.bottom + 2) found.add(`leaves its box: ${words.says}`);
    }
  }
  const cells = [...svg.querySelectorAll('rect.mk-cell:not(.mk-none)')].filter(seen).map(box), boxes = all.map(box);
  boxes.forEach((words, i) => {
    if (/\S…/.test(words.says)) found.add(`cut short: ${words.says}`);
    for (const other of boxes.slice(0, i)) if (meet(words, other)) found.add(`lie on one another: ${other.says} | ${words.says}`);
    if (!all[i].classList.contains('mk-offset') && cells.some((cell) => meet(words, cell))) found.add(`lies on a cell: ${words.says}`);
  });
  return [...found]; }"""  # noqa: E501
WORLDS = ["small", "cut", "large", "crew", "quorum", "compacted", "observed", "stretched", "booked"]


@pytest.mark.parametrize("options", [{"width": 1400}, {"width": 700, "color_scheme": "dark"}], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", WORLDS)
def test_all_words_have_room(stage, name, options):
    shown = stage(name, **options)
    end = int(shown.part("scrub").get_attribute("max"))
    for part in range(17):
        shown.part("scrub").fill(str(end * part // 16))
        assert shown.page.evaluate(LOOK) == [], f"at {end * part // 16} µs"
    assert shown.page.troubles == []


def test_links_that_overlap_stand_on_lines_of_their_own(stage):
    """Four regions in a row: the lines of six links."""
    shown = stage("stretched", width=1400)
    lines = shown.page.evaluate(
        "() => document.querySelector('.mk-stage').stage.branches[0].view.layout.links"
        ".map(({ x1, x2, y }) => [y, x1, x2])"
    )
    assert len(lines) == 6
    for number, (height, left, right) in enumerate(lines):
        assert not any(y == height and start < right and left < end for y, start, end in lines[:number])
