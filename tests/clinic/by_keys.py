"""Hands that have a keyboard and nothing else; at each stop the focus must be seen.

Seen: what has the focus, or the label that stands for it, lies within the window, nothing lies over
it, and it is marked: an outline of two pixels or more, or the colours of the focus in a picture.
"""

import re

STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return { name: '', problem: '' };
  const name = (one.getAttribute('aria-label') ?? one.labels?.[0]?.innerText ?? one.innerText
    ?? one.textContent ?? '').trim();
  const stands = [one, one.closest('label'), ...(one.closest('svg')
    ? one.querySelectorAll('rect, path, circle') : [])].filter(Boolean);
  const visible = each => { const style = getComputedStyle(each);
    return each.checkVisibility({ visibilityProperty: true }) && style.clipPath === 'none'; };
  const colours = ['rgb(11, 13, 15)', 'rgb(255, 210, 31)'];
  const marked = each => { const style = getComputedStyle(each);
    const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
      && !/, 0\\)$/.test(style.outlineColor);
    return (outline && style.opacity !== '0')
      || (each.closest('svg') && [style.stroke, style.fill].some(c => colours.includes(c))); };
  const shown = stands.find(each => visible(each) && marked(each));
  if (!shown) return { name, problem: 'is not marked' };
  const box = shown.getBoundingClientRect();
  const high = Math.min(box.height, innerHeight), wide = Math.min(box.width, innerWidth);
  if (box.height < 2 || box.width < 2) return { name, problem: 'has no size' };
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  if (bottom - top < high - 1 || right - left < wide - 1)
    return { name, problem: `is out of the window: ${[box.left, box.top, box.right, box.bottom]}` };
  const points = [[.5, .5], [.1, .5], [.9, .5], [.5, .2], [.5, .8], [.3, .3], [.7, .7]];
  const over = points.map(([x, y]) =>
    document.elementFromPoint(left + x * (right - left), top + y * (bottom - top)));
  const own = hit => hit && stands.some(each => each.contains(hit));
  return { name, problem: over.some(own) ? '' : `lies under ${over[0]?.outerHTML.slice(0, 80)}` };
}"""


class Keys:
    """A keyboard; `stops` counts what had the focus and was looked at."""

    def __init__(self, tab):
        self.tab, self.stops = tab, 0

    def look(self):
        """The name of what has the focus, which must be seen."""
        found = self.tab.evaluate(STOP)
        assert not found["problem"], f"{self.tab.url}: '{found['name']}' {found['problem']}"
        self.stops += 1
        return found["name"]

    def press(self, key):
        self.tab.keyboard.press(key)

    def type(self, text):
        self.tab.keyboard.type(text)

    def to(self, selector="", name="", most=400, key="Tab"):
        """Press Tab until the focus is on what is wanted; every stop on the way is seen."""
        self.tab.wait_for_load_state()  # half a page lacks its marks and its last stops
        for _ in range(most):
            self.press(key)
            here = self.look()
            if selector and not self.tab.evaluate(
                "wanted => document.activeElement.matches(wanted)", selector
            ):
                continue
            if re.search(name, here):
                return
        raise AssertionError(f"{self.tab.url}: no way by keyboard to {selector or name}")

    def go(self, selector="", name="", then="Enter"):
        """To something, and press it."""
        self.to(selector, name)
        self.press(then)

    def fill(self, selector, text):
        """To a field, and type into it."""
        self.to(selector)
        self.type(text)
