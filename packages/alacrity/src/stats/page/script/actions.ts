/** Drain, Maint and Ready, where `stats admin` allows them. */
export const actionsScript: string = `
let token;
const said = (text) => write(byId('said'), text);
const notice = (text) => {
  write(byId('notice'), text);
  byId('notice').hidden = text === '';
};

const told = { DONE: 'done', PART: 'done for some only', NONE: 'nothing was selected', ERRP: 'not understood', DENY: 'not allowed' };

const order = async (section, action) => {
  const chosen = section.rows().filter((row) => row.box?.checked);
  const form = new URLSearchParams({ b: section.name, action, token: token ?? '' });
  for (const row of chosen) form.append('s', row.name);
  try {
    const answer = await fetch(base, { method: 'POST', body: form, headers: { accept: 'application/json' }, signal: AbortSignal.timeout(10000) });
    const { outcome } = await answer.json();
    section.told(action + ': ' + (told[outcome] ?? outcome));
    if (outcome === 'DONE') for (const row of chosen) row.box.checked = false;
  } catch (error) {
    section.told(action + ': no answer (' + error.message + ')');
  }
  section.count();
  refresh();
};

const toolbar = (section) => {
  const bar = element('div', 'orders');
  const chosen = element('span', 'chosen');
  const result = element('span', 'result');
  result.setAttribute('role', 'status');
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', 'Selected servers of ' + section.name);
  const buttons = [['drain', 'Drain'], ['maint', 'Maint'], ['ready', 'Ready']].map(([action, title]) => {
    const button = element('button', '', title);
    button.type = 'button';
    button.addEventListener('click', () => order(section, action));
    return button;
  });
  section.count = () => {
    const some = section.rows().filter((row) => row.box?.checked).length;
    for (const button of buttons) button.disabled = some === 0;
    write(chosen, some === 0 ? 'No server selected' : some + ' selected');
  };
  section.told = (text) => write(result, text);
  bar.append(chosen, ...buttons, result);
  return bar;
};
`
