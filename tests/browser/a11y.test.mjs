// Everybody can use the form: nothing for axe to find in any state, no mouse needed, errors announced, any width.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { clean } from './support/axe.mjs';
import { launch } from './support/browser.mjs';
import { focused, press, tabTo } from './support/keyboard.mjs';
import { Stage } from './support/stage.mjs';
import { Visitor, enquiry, token } from './support/visitor.mjs';
import { until } from './support/wait.mjs';

let stage;
let browser;
before(async () => ([stage, browser] = await Promise.all([Stage.start(), launch()])));
afterEach(() => stage.tidy(browser));
after(async () => Promise.all([stage?.stop(), browser?.close()]));

const visit = async (body, page = {}, options = {}) => {
  const visitor = await Visitor.open(browser, stage.page(body, page), { options });
  if (!/mode=/.test(body ?? '')) await visitor.field('name').waitFor({ state: 'visible' });
  return visitor;
};

const LOOKS = {
  light: {},
  dark: { options: { colorScheme: 'dark' } },
  'forced colours': { options: { forcedColors: 'active' } },
  'right to left': { page: { lang: 'ar', dir: 'rtl' } },
  Chinese: { page: { lang: 'zh-CN' } },
};

for (const [look, { page, options }] of Object.entries(LOOKS)) {
  test(`axe finds nothing in the enquiry, ${look}: at first, with errors, sending, waiting, sent`, async () => {
    const visitor = await visit(undefined, page, options);
    await clean(visitor, 'at first');
    await visitor.submit();
    await visitor.find('[data-error="name"]').waitFor({ state: 'visible' });
    await clean(visitor, 'with errors');
    await visitor.fill(enquiry(token()));
    await visitor.field('topic').selectOption('other');
    await visitor.field('subject').fill('Colours');
    await clean(visitor, 'filled in');
    const release = stage.proxy.hold(/^POST .*submissions/);
    const back = stage.proxy.cut(/^POST .*submissions/);
    await visitor.submit();
    await until('sending', async () => (await visitor.find('[data-status]').innerText()).trim());
    await clean(visitor, 'sending');
    release();
    await visitor.waits();
    await clean(visitor, 'waiting');
    back();
    await visitor.thanked();
    await clean(visitor, 'sent');
    await visitor.close();
  });
}

test('axe finds nothing on any page of the registration', async () => {
  const visitor = await visit('<crm-contact form="registration"></crm-contact>');
  await visitor.hydrated();
  await clean(visitor, 'page 1');
  await visitor.button('next').click();
  await visitor.find('[data-error="name"]').waitFor({ state: 'visible' });
  await clean(visitor, 'page 1 with errors');
  await visitor.field('name').fill('Mia');
  await visitor.field('born').fill('1990-04-01');
  await visitor.find('[name="visited"][value="yes"]').check();
  await visitor.button('next').click();
  await visitor.find('[data-page="1"]').waitFor({ state: 'visible' });
  await clean(visitor, 'page 2');
  await visitor.button('next').click();
  await visitor.find('[data-error="stars"]').waitFor({ state: 'visible' });
  await clean(visitor, 'page 2 with errors');
  await visitor.find('[name="stars"][value="4"]').check({ force: true });
  await visitor.button('next').click();
  await visitor.find('[data-page="2"]').waitFor({ state: 'visible' });
  await clean(visitor, 'page 3');
  await visitor.submit();
  await visitor.find('[data-error="privacy"]').waitFor({ state: 'visible' });
  await clean(visitor, 'page 3 with errors');
  await visitor.close();
});

test('axe finds nothing in popup and launcher, closed and open', async () => {
  for (const mode of ['popup', 'launcher']) {
    const visitor = await visit(`<crm-contact form="callback" mode="${mode}"><button type="button">Call me back</button></crm-contact>`, {}, { reducedMotion: 'reduce' });
    await clean(visitor, `${mode}, closed`);
    await until('the element', () => visitor.page.evaluate(() => !!customElements.get('crm-contact')));
    await visitor.call('open');
    await visitor.field('name').waitFor({ state: 'visible' });
    await clean(visitor, `${mode}, open`);
    await visitor.close();
  }
});

test('axe finds nothing on hosted pages, light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const path of ['/f/clinic/enquiry', '/f/clinic/registration?lang=zh-CN', '/f/clinic/nothing']) {
      const visitor = await Visitor.open(browser, stage.gateway.url + path, { options: { colorScheme } });
      await visitor.page.waitForLoadState('networkidle');
      await clean(visitor, `${path}, ${colorScheme}`);
      const background = await visitor.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      assert.equal(/^rgb\((\d\d?),/.test(background), colorScheme === 'dark', `${colorScheme} is ${background}`);
      await visitor.close();
    }
  }
});

test('the registration by keyboard alone: pages, radio, rating, scale, matrix, checkboxes, file, sent', async () => {
  const mark = token();
  const visitor = await visit('<crm-contact form="registration"></crm-contact>');
  await visitor.hydrated();
  const type = (text) => visitor.page.keyboard.type(text);
  await tabTo(visitor, 'name');
  await type(`Mia ${mark}`);
  await tabTo(visitor, 'born');
  await type('04011990');
  await tabTo(visitor, 'visited');
  await press(visitor, 'Space');
  await tabTo(visitor, 'next');
  await press(visitor, 'Enter');
  await visitor.find('[data-page="1"]').waitFor({ state: 'visible' });
  await tabTo(visitor, 'stars');
  await press(visitor, 'Space', 'ArrowRight', 'ArrowRight', 'ArrowRight');
  await tabTo(visitor, 'recommend');
  await press(visitor, 'Space', 'ArrowRight');
  for (const row of ['parts.staff', 'parts.rooms']) {
    await tabTo(visitor, row);
    await press(visitor, 'ArrowRight');
  }
  await tabTo(visitor, 'back');
  await press(visitor, 'Enter');
  await visitor.find('[data-page="0"]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), `Mia ${mark}`);
  await tabTo(visitor, 'next');
  await press(visitor, 'Enter');
  await visitor.find('[data-page="1"]').waitFor({ state: 'visible' });
  await tabTo(visitor, 'next');
  await press(visitor, 'Enter');
  await visitor.find('[data-page="2"]').waitFor({ state: 'visible' });
  await tabTo(visitor, 'needs');
  await press(visitor, 'Space');
  await tabTo(visitor, 'weight');
  await type('61.5');
  await tabTo(visitor, 'report');
  await visitor.field('report').setInputFiles({ name: '报告 1.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF') });
  await tabTo(visitor, 'privacy');
  await press(visitor, 'Space');
  await tabTo(visitor, 'submit');
  await press(visitor, 'Enter');
  await visitor.thanked();
  await until('the registration at the CRM', () => stage.crm.effects(mark).length === 1);
  const { answers } = stage.crm.effects(mark)[0].data;
  const { born, visited, stars, recommend, parts, needs, weight } = answers;
  assert.deepEqual({ born, visited, stars, recommend, parts, needs, weight }, {
    born: '1990-04-01', visited: 'yes', stars: 4, recommend: 1,
    parts: { staff: 'fair', rooms: 'fair' }, needs: ['wheelchair'], weight: '61.5',
  });
  assert.deepEqual((await focused(visitor)).parts, ['thanks'], 'the thank-you has the focus');
  await visitor.close();
});

test('errors are announced, each control names its own, and the first one has the focus', async () => {
  const visitor = await visit();
  await visitor.field('name').fill('Mia');
  await visitor.field('email').fill('nonsense');
  await visitor.hydrated();
  await visitor.submit();
  await announced(visitor, ['email', 'message', 'privacy'], [/E-mail/, /Your question/]);
  assert.notEqual(await visitor.field('name').getAttribute('aria-invalid'), 'true');
  await visitor.field('email').fill('mia@example.com');
  await visitor.field('email').press('Tab');
  await visitor.find('[data-error="email"]').waitFor({ state: 'hidden' });
  await visitor.close();
});

test('the plain way announces them too: what is missing at once, the rest from the gateway', async () => {
  const visitor = await visit(undefined, { wasm: 'off' });
  await visitor.fill({ name: 'Mia', email: 'nonsense' }, false);
  await visitor.plain();
  await visitor.submit();
  await announced(visitor, ['message', 'privacy'], [/Your question/]);
  await visitor.fill({ message: 'A question' });
  await visitor.submit();
  await announced(visitor, ['email'], [/E-mail/]);
  await visitor.close();
});

/** The fields have errors that assistive technology hears of, and the first has the focus. */
async function announced(visitor, names, sentences) {
  await visitor.find(`[data-error="${names[0]}"]`).waitFor({ state: 'visible' });
  await until('the focus on the first error', async () => (await focused(visitor)).name === names[0], 3_000);
  const alert = await visitor.find('[role="alert"]').innerText();
  for (const sentence of sentences) assert.match(alert, sentence);
  for (const name of names) {
    const field = visitor.field(name);
    assert.equal(await field.getAttribute('aria-invalid'), 'true', name);
    const described = (await field.getAttribute('aria-describedby')).split(' ');
    assert.ok(described.includes(`f-${name}-error`), `${name} is described by its error`);
    assert.ok(await visitor.find(`[data-error="${name}"]`).isVisible(), name);
  }
}

test('the popup: the focus goes in, stays in, and returns to what opened it', async () => {
  const visitor = await visit('<button id="first">First</button><crm-contact form="callback" mode="popup"><button type="button" id="opener">Call me</button></crm-contact><button id="last">Last</button>');
  await until('the element', () => visitor.page.evaluate(() => !!customElements.get('crm-contact')));
  await visitor.page.locator('#opener').focus();
  await press(visitor, 'Enter');
  await visitor.field('name').waitFor({ state: 'visible' });
  const inside = () => visitor.page.evaluate(() => document.activeElement === document.body ? 'body' : document.activeElement.id || document.activeElement.localName);
  const met = new Set();
  for (let step = 0; step < 12; step += 1) {
    await press(visitor, 'Tab');
    met.add(await inside());
  }
  assert.ok(!met.has('first') && !met.has('last') && !met.has('opener'), [...met].join());
  assert.equal(await visitor.find('dialog').evaluate((dialog) => dialog.matches(':modal')), true);
  await press(visitor, 'Escape');
  await visitor.field('name').waitFor({ state: 'hidden' });
  assert.equal(await inside(), 'opener');
  await visitor.close();
});

test('320 px wide, and with text twice as large: nothing to scroll sideways, nothing cut off', async () => {
  for (const form of ['enquiry', 'registration']) {
    for (const size of ['100%', '200%']) {
      const options = { viewport: { width: 320, height: 640 } };
      const visitor = await visit(`<crm-contact form="${form}"></crm-contact>`, { head: `<style>html{font-size:${size}}</style>` }, options);
      await visitor.hydrated();
      if (form === 'registration') await reveal(visitor);
      const { scroll, cut } = await visitor.page.evaluate(() => {
        const root = document.querySelector('crm-contact').shadowRoot;
        const over = [...root.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.checkVisibility() && !element.closest('[aria-hidden]'));
        return { scroll: document.scrollingElement.scrollWidth, cut: over.map((element) => element.outerHTML.slice(0, 80)) };
      });
      assert.ok(scroll <= 320, `${form} at ${size} is ${scroll} px wide`);
      assert.deepEqual(cut, [], `${form} at ${size}`);
      await visitor.close();
    }
  }
});

/** The registration's second page, the widest. */
async function reveal(visitor) {
  await visitor.field('name').fill('Mia');
  await visitor.field('born').fill('1990-04-01');
  await visitor.find('[name="visited"][value="yes"]').check();
  await visitor.button('next').click();
  await visitor.find('[data-page="1"]').waitFor({ state: 'visible' });
}

test('touch targets are at least 24 px, inputs have 16 px text and the right keyboard', async () => {
  const visitor = await visit();
  const small = await visitor.find('input:visible, button:visible, select:visible, textarea:visible').evaluateAll((controls) =>
    controls.filter((control) => !control.closest('[aria-hidden]')).map((control) => {
      const label = control.closest('label') ?? control;
      const { width, height } = label.getBoundingClientRect();
      return { name: control.name, kind: control.type, width, height, font: parseFloat(getComputedStyle(control).fontSize) };
    }).filter(({ width, height, font, kind }) => width < 24 || height < 24 || (font < 16 && !/^(radio|checkbox)$/.test(kind))));
  assert.deepEqual(small, []);
  const kinds = Object.fromEntries(await Promise.all(['name', 'email', 'phone'].map(async (name) => {
    const field = visitor.field(name);
    return [name, [await field.getAttribute('type'), await field.getAttribute('autocomplete')]];
  })));
  assert.deepEqual(kinds, { name: ['text', 'name'], email: ['email', 'email'], phone: ['tel', 'tel'] });
  await visitor.close();
});

test('nothing moves for those who asked for less motion', async () => {
  const visitor = await visit(undefined, {}, { reducedMotion: 'reduce' });
  const moving = await visitor.find('*').evaluateAll((elements) =>
    elements.filter((element) => {
      const { transitionDuration, animationName, animationDuration } = getComputedStyle(element);
      return parseFloat(transitionDuration) > 0.01 || (animationName !== 'none' && parseFloat(animationDuration) > 0.01);
    }).length);
  assert.equal(moving, 0);
  await visitor.close();
});

test('with forced colours every control still has a border that is seen', async () => {
  const visitor = await visit(undefined, {}, { forcedColors: 'active' });
  const bare = await visitor.find('input[part~="input"]:visible, textarea, select, button[part~="submit"]').evaluateAll((controls) =>
    controls.filter((control) => !/^(radio|checkbox|range)$/.test(control.type) && getComputedStyle(control).borderTopStyle === 'none').map(({ name }) => name));
  assert.deepEqual(bare, []);
  await visitor.close();
});
