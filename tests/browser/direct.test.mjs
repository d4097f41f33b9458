// Direct mode: no gateway behind the form, only somebody's endpoint that takes JSON.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { listen } from './support/port.mjs';
import { Stage } from './support/stage.mjs';
import { Visitor, token } from './support/visitor.mjs';
import { pause, until } from './support/wait.mjs';

let stage;
let browser;
let endpoint;
const taken = [];
let status = 201;
before(async () => {
  [stage, browser] = await Promise.all([Stage.start(), launch()]);
  const server = http.createServer(async (req, res) => {
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
    if (req.method === 'OPTIONS') return res.writeHead(204, cors).end();
    let body = '';
    for await (const bytes of req) body += bytes;
    taken.push({ status, type: req.headers['content-type'], body: JSON.parse(body) });
    return res.writeHead(status, cors).end();
  });
  endpoint = { server, url: `http://127.0.0.1:${await listen(server)}/api/leads` };
});
afterEach(() => stage.tidy(browser));
after(async () => {
  endpoint?.server.close();
  await Promise.all([stage?.stop(), browser?.close()]);
});

const FORM = {
  id: 'lead', title: { en: 'Write to us', 'zh-CN': '给我们留言' },
  pages: [{ fields: [
    { name: 'name', type: 'text', required: true, label: { en: 'Name', 'zh-CN': '姓名' } },
    { name: 'mobile', type: 'phone', region: 'CN', label: { en: 'Mobile', 'zh-CN': '手机' } },
    { name: 'privacy', type: 'consent', required: true, purpose: 'contact', version: '1', label: 'Yes' },
  ] }],
};
const element = `<crm-contact action="ENDPOINT"><script type="application/json">${JSON.stringify({ form: FORM })}</script></crm-contact>`;
const visit = (lang) => Visitor.open(browser, stage.page(element.replace('ENDPOINT', endpoint.url), { lang, query: '' }));
const got = (mark) => taken.filter(({ status, body }) => status < 300 && JSON.stringify(body).includes(mark));

for (const [lang, label] of [['en', 'Write to us'], ['zh-CN', '给我们留言']]) {
  test(`checked in the page and posted as JSON once, in ${lang}; the gateway's API is not asked`, async () => {
    const before = stage.proxy.requests.length;
    const visitor = await visit(lang);
    const mark = token();
    await visitor.field('name').waitFor({ state: 'visible' });
    assert.match(await visitor.find('[part~="title"]').first().innerText(), new RegExp(label));
    await visitor.fill({ name: mark, mobile: '12' });
    await visitor.submit();
    await visitor.find('[data-error="mobile"]').waitFor({ state: 'visible' });
    assert.equal(got(mark).length, 0);
    await visitor.field('mobile').fill('138 1234 5678');
    await visitor.submit();
    await visitor.find('[part~="thanks"]').waitFor({ state: 'visible' });
    assert.equal(got(mark).length, 1);
    assert.match(got(mark)[0].type, /application\/json/);
    // As it was typed: bringing answers into one form is the gateway's work.
    assert.equal(got(mark)[0].body.mobile, '138 1234 5678');
    assert.deepEqual(stage.proxy.requests.slice(before).filter((line) => / \/(v1|view)\//.test(line)), []);
    await visitor.close();
  });
}

test('an endpoint that fails at first gets it once it works', async () => {
  const visitor = await visit('en');
  const mark = token();
  await visitor.fill({ name: mark });
  status = 503;
  await visitor.submit();
  await until('a refused attempt', () => taken.some(({ body }) => JSON.stringify(body).includes(mark)));
  status = 201;
  await visitor.find('[part~="thanks"]').waitFor({ state: 'visible' });
  await pause(300);
  assert.equal(got(mark).length, 1);
  await visitor.close();
});
