// The desk in a browser: shows each channel in one view or one channel in all, and reloads what has changed.
'use strict';

const stage = document.getElementById('_stage');
const news = document.getElementById('_news');
const RENEWED = { page: 'web page', letter: 'newsletter', words: 'plain text', entry: 'feed entry', leaflets: 'handout', told: 'faults and state' };
const parts = new Set(); // of the desk that are to be exchanged
let known = JSON.parse(document.body.dataset.digests);

// ---- what is shown

/** The size that a frame pretends to have, shrunk to the place that there is. */
function fit(frame) {
  const { clientWidth, clientHeight } = frame.parentElement;
  const scale = Math.min(1, clientWidth / frame.dataset.width);
  if (!scale) return;
  frame.style.width = `${clientWidth / scale}px`;
  frame.style.height = `${clientHeight / scale}px`;
  frame.style.transform = `scale(${scale})`;
}

/** A page of the handout, as wide as it is shown, in steps so that not every width is drawn. */
function picture(image) {
  if (!image.clientWidth) return;
  const width = Math.ceil(image.clientWidth * devicePixelRatio / 100) * 100;
  const source = `${image.dataset.src}&width=${width}`;
  if (image.getAttribute('src') !== source) image.src = source;
}

const sized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    target.querySelectorAll(':scope > iframe').forEach(fit);
    target.querySelectorAll('img').forEach(picture);
  }
});

function watchSizes(root) {
  root.querySelectorAll('.sheet, .pages').forEach((box) => sized.observe(box));
}

function show(channel) {
  stage.classList.toggle('one', channel !== 'all');
  for (const section of stage.querySelectorAll('.channel')) section.classList.toggle('chosen', section.dataset.channel === channel);
}

function choose(section, view) {
  const views = [...section.querySelectorAll('.view')];
  if (!views.some((one) => one.dataset.view === view)) return;
  for (const one of views) one.classList.toggle('chosen', one.dataset.view === view);
  const radio = section.querySelector(`input[value="${view}"]`);
  if (radio) radio.checked = true;
}

/** What somebody chose is still chosen at the next article. */
const remember = (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* then not */ } };
const remembered = (name) => { try { return sessionStorage.getItem(name); } catch { return null; } };

function restore() {
  for (const section of stage.querySelectorAll('.channel')) {
    const view = remembered(section.dataset.channel);
    if (view) choose(section, view);
  }
  const radio = document.querySelector(`#_show input[value="${remembered('show') ?? 'all'}"]`);
  if (!radio) return; // an issue of the newsletter has one channel, which is shown
  radio.checked = true;
  show(radio.value);
}

document.addEventListener('change', ({ target }) => {
  if (target.type !== 'radio') return;
  remember(target.name, target.value);
  if (target.name === 'show') show(target.value);
  else choose(target.closest('.channel'), target.value);
});

/** A link out of a pane opens a page of its own; inside, the pane would be lost. */
function led(event) {
  const link = event.target.closest?.('a[href]');
  if (!link || link.origin === location.origin) return;
  event.preventDefault();
  if (/^https?:$/.test(link.protocol)) open(link.href, '_blank', 'noopener');
}

function attend(frame) {
  const listen = () => frame.contentDocument?.addEventListener('click', led);
  frame.addEventListener('load', listen);
  listen();
}

// ---- what has changed

const visible = (frame) => frame.checkVisibility() && frame.contentDocument?.readyState === 'complete';

/** What decides how a page looks beside its body. */
const styled = ({ head }) => [...head.querySelectorAll('style, link[rel=stylesheet], meta[name=viewport], meta[name=color-scheme]')]
  .map(({ outerHTML }) => outerHTML).join('\n');

/**
 * Puts the new words of a page into the frame that shows it, where its styles are loaded, its rules hold and nobody loses
 * the place; whether that could be done.
 */
function reword(frame, text) {
  const page = frame.contentDocument;
  if (text === undefined || page?.readyState !== 'complete' || !page.URL.split('?')[0].endsWith(frame.getAttribute('src').split('?')[0])) return false;
  if (page.contentType === 'text/plain') {
    page.body.firstChild.textContent = text;
    return true;
  }
  const fresh = new frame.contentWindow.DOMParser().parseFromString(text, 'text/html'); // by the frame's own rules
  if (styled(fresh) !== styled(page)) return false;
  for (const name of ['lang', 'dir', 'className']) page.documentElement[name] = fresh.documentElement[name];
  page.body.replaceWith(page.adoptNode(fresh.body));
  return true;
}

/** Whether a frame can be read: its words and style sheets are there, if not its last picture. */
function readable(frame, source) {
  const page = frame.contentDocument;
  return page && page.URL.endsWith(source) && page.readyState !== 'loading'
    && [...page.querySelectorAll('link[rel=stylesheet]')].every(({ sheet }) => sheet);
}

/** Loads a frame anew behind the old one and changes them when it is there: nothing flickers, and the place is kept. */
function renew(frame, digest, text, done) {
  frame.parentElement.querySelectorAll('.coming').forEach((other) => other.remove());
  if (visible(frame) && reword(frame, text)) {
    done();
    return;
  }
  const source = `${frame.getAttribute('src').split('?')[0]}?v=${digest}`;
  if (!visible(frame)) {
    frame.src = source;
    done();
    return;
  }
  const next = frame.cloneNode();
  next.classList.add('coming');
  next.removeAttribute('loading');
  next.src = source;
  const change = () => {
    if (!next.isConnected) return;
    if (!readable(next, source)) {
      setTimeout(change, 10);
      return;
    }
    const held = document.activeElement === frame;
    next.contentWindow.scrollTo({ left: frame.contentWindow.scrollX, top: frame.contentWindow.scrollY, behavior: 'instant' });
    next.classList.remove('coming');
    frame.remove();
    if (held) next.focus();
    done();
  };
  setTimeout(change, 10);
  frame.after(next);
  attend(next);
  fit(next);
}

/** A part of the desk as it is now, with what was open and chosen in it. */
function exchange(part, fresh) {
  const open = [...part.querySelectorAll('details[open]')].map(({ id }) => id);
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const tops = [...part.querySelectorAll('.pages')].map(({ scrollTop }) => scrollTop);
  const sources = new Map([...part.querySelectorAll('img')].map((image) => [image.dataset.src, image]));
  for (const image of fresh.querySelectorAll('img')) {
    const same = sources.get(image.dataset.src);
    if (same) image.replaceWith(same); // which is loaded
  }
  const shown = part.querySelector('.view.chosen')?.dataset.view;
  part.replaceWith(fresh);
  open.forEach((id) => document.getElementById(id)?.setAttribute('open', ''));
  const section = fresh.closest('.channel');
  if (section && shown) choose(section, shown);
  fresh.querySelectorAll('.pages').forEach((box, number) => { box.scrollTop = tops[number] ?? 0; });
  watchSizes(fresh);
  if (focused) {
    const again = focused.id ? document.getElementById(focused.id)
      : [...fresh.querySelectorAll(focused.tagName)].find((one) => one.value === focused.value && one.textContent === focused.textContent);
    again?.focus({ preventScroll: true });
  }
}

async function refresh(names) {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  document.title = fresh.title;
  stage.classList.toggle('held', fresh.getElementById('_stage').classList.contains('held'));
  for (const name of names) {
    const [part, next] = [document.getElementById(`_${name}`), fresh.getElementById(`_${name}`)];
    if (part && next) exchange(part, document.importNode(next, true));
  }
  tell();
}

function tell(changed = []) {
  const names = changed.map((name) => RENEWED[name]).filter(Boolean);
  const drawing = stage.querySelector('.drawing') !== null;
  news.className = drawing ? 'busy' : '';
  const words = drawing ? 'Drawing the handout' : 'Up to date';
  news.textContent = names.length ? `New: ${names.join(', ')}` : words;
}

function update({ digests: next, texts }) {
  const changed = Object.keys(next).filter((name) => next[name] !== known[name]);
  known = next;
  if (changed.includes('shape')) {
    location.reload();
    return;
  }
  // Pictures of one address may be other pictures by now: then the page is loaded anew.
  if (changed.includes('pictures')) delete texts.page;
  const renewed = [...stage.querySelectorAll('iframe[data-pane]:not(.coming)')].flatMap((frame) => {
    const { pane } = frame.dataset;
    const names = pane === 'page' ? [pane, 'pictures'] : [pane];
    if (!names.some((name) => changed.includes(name))) return [];
    return [new Promise((done) => { renew(frame, names.map((name) => next[name]).join('.'), texts[pane], done); })];
  });
  for (const name of changed) if (document.getElementById(`_${name}`)) parts.add(name);
  tell(changed);
  // Where the text changed, the panes come first, for as long as one does not notice that the rest comes later.
  const first = changed.includes('letter') ? Promise.all(renewed) : Promise.resolve();
  Promise.race([first, new Promise((done) => { setTimeout(done, 300); })]).then(() => {
    if (parts.size) refresh([...parts]);
    parts.clear();
  });
}

const changes = new EventSource('changes');
changes.addEventListener('message', ({ data }) => update(JSON.parse(data)));
changes.addEventListener('open', () => tell());
changes.addEventListener('error', () => {
  news.className = 'lost';
  news.textContent = 'No answer: does inv preview still run?';
});

if (matchMedia('(min-width: 64rem)').matches) document.getElementById('_queue')?.setAttribute('open', '');
restore();
watchSizes(stage);
stage.querySelectorAll('iframe').forEach(attend);
