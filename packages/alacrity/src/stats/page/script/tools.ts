/** Filter, pause, and light or dark. */
export const toolsScript: string = `
const applyFilter = () => {
  const wanted = byId('filter').value.trim().toLowerCase();
  let some = false;
  for (const section of sections.values()) {
    let any = false;
    for (const row of section.rows()) {
      const isShown = row.line.dataset.text.includes(wanted);
      row.line.hidden = !isShown;
      any = any || isShown;
    }
    section.box.hidden = !any;
    some = some || any;
  }
  byId('nothing').hidden = some || sections.size === 0;
};
byId('filter').addEventListener('input', applyFilter);
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'search';
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    byId('filter').focus();
  }
});

let isPaused = false;
byId('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  pulse(isPaused ? 'paused' : 'live');
  if (!isPaused) refresh();
});

const themes = ['system', 'light', 'dark'];
const remembered = () => {
  try {
    return localStorage.getItem('alacrity-theme');
  } catch {
    return null;
  }
};
let theme = themes.includes(remembered()) ? remembered() : 'system';
const showTheme = () => {
  document.documentElement.dataset.theme = theme;
  write(byId('theme'), 'Theme: ' + theme);
};
byId('theme').addEventListener('click', () => {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  showTheme();
  try {
    localStorage.setItem('alacrity-theme', theme);
  } catch {
    // Not remembered, then.
  }
});
showTheme();
`
