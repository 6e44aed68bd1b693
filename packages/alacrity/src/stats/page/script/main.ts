/** Asks again and again, and shows what came. */
export const mainScript: string = `
// Without the user's name and password, which a fetch must not have in its address.
const base = location.origin + (location.pathname + location.search).split(';')[0];
const scope = /[;?&]scope=([^;&?]*)/.exec(location.pathname + location.search);
if (scope) byId('filter').value = new URLSearchParams('scope=' + scope[1]).get('scope');
byId('csv').href = base + ';csv;norefresh';

const pulse = (state) => {
  byId('pulse').dataset.state = state;
  write(byId('pulse-text'), state);
};

const rowsOf = (data) => data.rows.map((values) => Object.fromEntries(data.columns.map((name, index) => [name, values[index]])));

const show = (data) => {
  token = data.token;
  const rows = rowsOf(data);
  summarise(data, rows);
  const names = [...new Set(rows.map((row) => row.pxname))];
  const news = names.flatMap((name) => showProxy(name, data, rows.filter((row) => row.pxname === name)));
  for (const [name, section] of sections) {
    if (names.includes(name)) continue;
    section.box.remove();
    sections.delete(name);
  }
  names.forEach((name, index) => {
    const box = sections.get(name).box;
    const at = byId('proxies').children[index];
    if (at !== box) byId('proxies').insertBefore(box, at ?? null);
  });
  applyFilter();
  // One sentence for all of it: a reader shall not be talked to death when a site goes down.
  if (news.length > 0) said(news.length > 3 ? news.length + ' servers or proxies have changed their status' : news.join(', '));
};

let timer;
let isAsking = false;
async function refresh() {
  if (isAsking) return;
  isAsking = true;
  clearTimeout(timer);
  let wait = 2000;
  try {
    const answer = await fetch(base + ';live', { cache: 'no-store', signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error('it answers ' + answer.status);
    const data = await answer.json();
    wait = data.refreshMs;
    show(data);
    notice('');
    pulse(data.info.Stopping ? 'stopping' : isPaused ? 'paused' : 'live');
  } catch (error) {
    pulse('stale');
    notice('These numbers are old: ' + error.message + '. Trying again.');
  }
  isAsking = false;
  if (!isPaused && !document.hidden) timer = setTimeout(refresh, wait);
}
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !isPaused) refresh();
});
refresh();
`
