// Contrast of texts as the browser paints them now: WCAG 2.2, 1.4.3.

/** Runs in the page: the lowest contrast of any text inside `element` with what is behind it. */
const lowest = (element) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const painted = (colours) => {
    for (const colour of ['#fff', ...colours]) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const linear = (part) => (part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const grounds = (at) => (at ? [...grounds(at.parentElement ?? at.getRootNode().host), getComputedStyle(at).backgroundColor] : []);
  const texts = [element, ...element.querySelectorAll('*')].filter((one) =>
    one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()));
  const ratio = (one) => {
    const behind = grounds(one);
    const [dark, light] = [painted([...behind, getComputedStyle(one).color]), painted(behind)].map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  return Math.min(Infinity, ...texts.map(ratio));
};

/** Tries everything in `scope` that can be pressed, each look once, as nobody, the pointer, a finger and the keyboard
 * meet it. Returns `{look, state, ratio, height}` for each, `look` being its tag and part, `height` in CSS pixels. */
export async function contrasts(page, scope) {
  const found = [];
  const known = new Set();
  for (const one of await scope.locator('a[href], button').all()) {
    const look = await one.evaluate((element) =>
      [element.localName, element.getAttribute('part'), 'chosen' in element.dataset ? 'chosen' : ''].join(' ').trim());
    if (known.has(look) || !(await one.isVisible())) continue;
    known.add(look);
    const height = await one.evaluate((element) => element.getBoundingClientRect().height);
    const note = async (state) => found.push({ look, state, ratio: await one.evaluate(lowest), height });
    await page.mouse.move(0, 0);
    await note('at rest');
    await one.hover();
    await note('hover');
    await page.mouse.down();
    await note('active');
    // Let go elsewhere, it was not pressed.
    await page.mouse.move(0, 0);
    await page.mouse.up();
    await one.focus();
    await note('focus');
  }
  return found;
}
