/** Reading and writing the controls of a view, before and without WebAssembly. */

/** The definition's fields, page after page. */
export const fieldsOf = (view) => view.form.pages.flatMap((page) => page.fields);

/**
 * What was typed, as the API wants it: text by name, lists for checkboxes, `field.row` for the rows of a matrix.
 * Files are left out. Answers without text are left out too.
 */
export const read = (form, view) => {
  const answers = {};
  const typed = new FormData(form);
  for (const { name, type, rows } of fieldsOf(view)) {
    if (type === 'file') continue;
    for (const key of rows?.length ? rows.map((row) => `${name}.${row.value}`) : [name]) {
      const values = typed.getAll(key).filter(Boolean);
      if (values.length) answers[key] = type === 'checkboxes' ? values : values[0];
    }
  }
  return answers;
};

/**
 * Writes values into controls. A consent is the visitor's own act: it is written only where `own` says that the values
 * are what the visitor had typed here before.
 */
export const write = (form, view, values, own) => {
  const barred = fieldsOf(view).filter(({ type }) => !own && type === 'consent').map(({ name }) => name);
  for (const control of form.elements) {
    const { name, type } = control;
    if (!(name in values) || type === 'file' || barred.includes(name)) continue;
    const wanted = [values[name]].flat().map(String);
    if (/radio|checkbox/.test(type)) control.checked = wanted.includes(control.value);
    else control.value = wanted[0] ?? '';
  }
};

/** Values that the page's address gives to fields which name a parameter of it. */
export const fromAddress = (view) => {
  const parameters = new URLSearchParams(location.search);
  const values = {};
  for (const { name, prefill } of fieldsOf(view)) if (parameters.has(prefill)) values[name] = parameters.get(prefill);
  return values;
};
