// SPDX-License-Identifier: GPL-3.0-or-later
//
// Filters and keys. All that is shown stands in the page already; this only hides.
'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const form = $('filter');
  const search = $('search');
  if (!form) return;

  // Full and half width, upper and lower case are the same to whoever searches.
  const fold = (text) => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

  const readOp = (element, run) => ({ element, run, target: element.dataset.t, kind: element.dataset.k,
    states: element.dataset.s.split(' ') });

  const readBlock = (element) => {
    const texts = (selector) => Array.from(element.querySelectorAll(selector), (e) => e.textContent).join('\n');
    const ops = [];
    let run = null;
    for (const body of element.querySelectorAll('.run, .op'))
      if (body.className === 'run') run = { element: body, n: 0 };
      else ops.push(readOp(body, run));
    return { element, cause: element.dataset.c || '', units: Array.from(element.querySelectorAll('.u'), (e) => fold(e.textContent)),
      text: fold(texts('summary b, .about')), ops };
  };

  let read = null;
  const blocks = () => read || (read = Array.from(document.getElementsByClassName('p'), readBlock));

  const hide = (element, hidden) => { if (element.hidden !== hidden) element.hidden = hidden; };

  const isWanted = (op, wanted) => (!wanted.target || op.target === wanted.target) &&
    (!wanted.kind || op.kind === wanted.kind) && (!wanted.state || op.states.includes(wanted.state));

  // A code is one of a unit, or begins those of units below it; anything else is part of a name.
  const isIn = (block, unit) => !unit || block.units.some((text) => /^\d+$/.test(unit) ? text.startsWith(unit) : text.includes(unit));

  const filterBlock = (block, wanted) => {
    const mine = (!wanted.cause || block.cause === wanted.cause) && isIn(block, wanted.unit) &&
      wanted.words.every((word) => block.text.includes(word));
    let n = 0;
    for (const op of block.ops) op.run.n = 0;
    for (const op of mine ? block.ops : []) {
      const shown = isWanted(op, wanted);
      hide(op.element, !shown);
      op.run.n += shown;
      n += shown;
    }
    for (const op of mine ? block.ops : []) hide(op.run.element, op.run.n === 0);
    hide(block.element, n === 0);
    return n;
  };

  const say = (output, values) => {
    output.textContent = output.dataset.text.replace(/\{(\d)\}/g, (all, i) => values[i].toLocaleString('en'));
  };

  const filter = () => {
    const data = new FormData(form);
    const wanted = { target: data.get('target'), kind: data.get('kind'), state: data.get('held') ? 'held' : data.get('state'),
      cause: data.get('cause'), unit: fold(data.get('unit') || ''), words: fold(data.get('search')).split(' ') };
    const sum = [0, 0, 0, 0];
    for (const block of blocks()) {
      const n = filterBlock(block, wanted);
      sum[0] += n > 0;
      sum[1] += 1;
      sum[2] += n;
      sum[3] += block.ops.length;
    }
    for (const group of document.getElementsByClassName('group'))
      hide(group, !group.querySelector('.p:not([hidden])'));
    hide($('nothing'), sum[0] > 0);
    say($('shown'), sum);
  };

  // Whether keys are listened to is no filter.
  const reset = () => {
    const keys = $('keys').checked;
    form.reset();
    $('keys').checked = keys;
    filter();
  };

  // Blocks that come in sight get their true height a frame later, and push the others away.
  const scrollTo = (element) => {
    element.scrollIntoView();
    requestAnimationFrame(() => requestAnimationFrame(() => element.scrollIntoView()));
  };

  // A link to an operation shows it, whatever the filters hide and whatever is folded.
  const follow = () => {
    const target = $(decodeURIComponent(location.hash.slice(1)));
    const block = target && target.closest('.p');
    if (!block) return;
    if (block.hidden || target.hidden) reset();
    block.open = true;
    scrollTo(target);
  };

  const step = (by) => {
    const heads = Array.from(document.querySelectorAll('.p:not([hidden]) > summary'));
    if (heads.length === 0) return;
    let at = heads.indexOf(document.activeElement);
    if (at < 0) at = heads.findIndex((head) => head.getBoundingClientRect().bottom > form.offsetHeight) - (by > 0 ? 1 : 0);
    const head = heads[Math.min(Math.max(at + by, 0), heads.length - 1)];
    head.focus({ preventScroll: true });
    scrollTo(head.parentElement);
  };

  const foldAll = (open) => {
    for (const block of document.getElementsByClassName('p')) block.open = open;
  };

  const keys = { '/': () => { search.focus(); search.select(); }, j: () => step(1), k: () => step(-1) };
  const arrows = { ArrowDown: keys.j, ArrowUp: keys.k };

  document.addEventListener('keydown', (event) => {
    const at = document.activeElement;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape' && form.contains(at)) { reset(); at.blur(); return; }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName) && at.type !== 'checkbox') return;
    const act = ($('keys').checked && keys[event.key]) || (at.matches('.p > summary') && arrows[event.key]);
    if (!act) return;
    event.preventDefault();
    act();
  });

  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  $('show-all').addEventListener('click', reset);
  $('unfold-all').addEventListener('click', () => foldAll(true));
  $('fold-all').addEventListener('click', () => foldAll(false));
  window.addEventListener('hashchange', follow);
  form.hidden = false;
  // What a browser keeps of a form when a page is loaded again.
  form.reset();
  if (location.hash) follow();
})();
