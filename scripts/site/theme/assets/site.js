// The menu of small screens, and the search.
import MiniSearch from 'minisearch';

const [form, input, results, menu] = ['form', '#search', '#results', '#menu'].map((name) =>
  document.querySelector(name),
);
const root = document.body.dataset.root;

menu.hidden = false;
menu.addEventListener('click', () => {
  const isOpen = document.body.classList.toggle('menu-open');
  menu.setAttribute('aria-expanded', String(isOpen));
});
document.body.classList.add('scripted');

const [nav, current] = ['nav', 'nav [aria-current]'].map((name) => document.querySelector(name));
if (current) nav.scrollTop = current.offsetTop - nav.clientHeight / 2;

form.hidden = false;
let loading;
const load = () => {
  loading ??= fetch(`${root}assets/search.json`)
    .then((response) => response.text())
    .then((text) =>
      MiniSearch.loadJSON(text, {
        fields: ['title', 'page', 'text'],
        storeFields: ['title', 'page', 'url', 'start'],
      }),
    );
  return loading;
};
input.addEventListener('focus', load);
input.addEventListener('input', search);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  results.querySelector('a')?.click();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !results.hidden) {
    input.value = '';
    search();
    input.focus();
  }
  const isTyping = /^(?:INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');
  if (event.key === '/' && !isTyping) {
    event.preventDefault();
    input.focus();
  }
});
results.addEventListener('click', (event) => {
  if (event.target.closest('a')) results.hidden = true;
});

async function search() {
  const words = input.value.trim();
  results.hidden = words === '';
  if (words === '') return;
  const index = await load();
  if (words !== input.value.trim()) return;
  const options = {
    ...{ prefix: true, combineWith: 'AND', boost: { title: 4, page: 3 } },
    fuzzy: (term) => (term.length > 4 ? 0.2 : false),
  };
  const found = index.search(words, options).slice(0, 20);
  results.querySelector('[role=status]').textContent =
    found.length === 0
      ? `Nothing found for “${words}”`
      : `${found.length === 20 ? 'The first 20' : found.length} results`;
  results.querySelector('ol').replaceChildren(...found.map(showResult));
}

function showResult({ title, page, url, start }) {
  const [item, link, where, text] = ['li', 'a', 'span', 'p'].map((name) => document.createElement(name));
  link.href = root + url;
  link.textContent = title || page;
  where.textContent = title && title !== page ? ` ${page}` : '';
  text.textContent = start;
  item.append(link, where, text);
  return item;
}
