/** Pages without a gateway: the form's definition stands in the page itself, and is rendered there too. */

/* global __TEXTS__, __DIRECT__ -- written in by the build: language → [file, integrity]; the script's hash */
const TEXTS = __TEXTS__;

/** The best of these languages for a reader of `lang`: the same, the same script of Chinese, the same before the hyphen. */
const nearest = (tags, lang) => {
  const [primary] = lang.split('-');
  const script = /hant|tw|hk|mo/i.test(lang) ? 'zh-TW' : 'zh-CN';
  const wanted = [lang, /^zh$/i.test(primary) ? script : primary];
  const tag = wanted.find((tag) => tags.includes(tag)) ?? tags.find((tag) => tag.split('-')[0] === primary);
  return tag ?? (tags.includes('en') ? 'en' : tags[0]);
};

/** Our own texts; elsewhere they come with the view. */
const loadTexts = async (lang) => {
  const [file, integrity] = TEXTS[nearest(Object.keys(TEXTS), lang)];
  const response = await fetch(new URL(file, import.meta.url), { integrity });
  return response.json();
};

/** Members of a definition that hold a text, or one for each language. */
const TEXT = /^(title|intro|submit|label|hint|placeholder|message|low|high|text)$/;

/** The definition with its texts in one language, as a gateway would send it. */
const localize = (definition, lang) =>
  JSON.parse(JSON.stringify(definition), (name, value) =>
    TEXT.test(name) && typeof value === 'object' ? value[nearest(Object.keys(value), lang)] : value,
  );

/**
 * A view that is not rendered yet. Its definition is the element's own child,
 * `<script type="application/json">{"form": {…}, "mapping": {…}}</script>`.
 */
export const directView = async (host, lang) => {
  const { form, mapping } = JSON.parse(host.querySelector('script[type="application/json"]').textContent);
  const base = document.createElement('div');
  base.part = 'base';
  return { base, mapping, view: { site: '', form: localize(form, lang), lang, texts: await loadTexts(lang), challenge: false, app: ['direct', __DIRECT__] } };
};
