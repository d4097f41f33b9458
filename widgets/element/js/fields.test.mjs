import assert from 'node:assert/strict';
import { test } from 'node:test';
import { write } from './fields.js';

const view = { form: { pages: [{ fields: [{ name: 'name' }, { name: 'topics' }, { name: 'agreed', type: 'consent' }] }] } };
const control = (name, type, value = '') => ({ name, type, value, checked: false });

test('values reach the controls of their name; a consent only where the visitor had given it', () => {
  const elements = [
    control('name', 'text'), control('topics', 'checkbox', 'a'), control('topics', 'checkbox', 'b'),
    control('agreed', 'checkbox', 'yes'), control('', 'fieldset'),
  ];
  write({ elements }, view, { name: 'Mia', topics: ['b'], agreed: 'yes' });
  assert.equal(elements[0].value, 'Mia');
  assert.deepEqual(elements.slice(1, 4).map(({ checked }) => checked), [false, true, false]);
  write({ elements }, view, { agreed: 'yes' }, true);
  assert.equal(elements[3].checked, true);
});
