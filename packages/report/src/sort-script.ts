// The only script of a report page. It is named by its hash in the page's content security policy, so nothing else runs.
// A click on a column sorts by it, numbers first; a second click turns the order round.
const sortScript = `for (const button of document.querySelectorAll('th button')) button.addEventListener('click', () => {
  const header = button.parentElement, body = header.closest('table').tBodies[0];
  const order = header.ariaSort === 'ascending' ? 'descending' : 'ascending', sign = order === 'ascending' ? 1 : -1;
  for (const other of header.parentElement.cells) other.ariaSort = null;
  header.ariaSort = order;
  const keyed = [...body.rows].map((row) => {
    const { dataset: { value }, textContent } = row.cells[header.cellIndex];
    const number = value === undefined ? NaN : Number(value);
    return { row, number, text: textContent };
  });
  const last = (key) => (Number.isNaN(key.number) ? 1 : 0);
  keyed.sort((a, b) => last(a) - last(b) || (last(a) === 0 ? sign * (a.number - b.number) : sign * a.text.localeCompare(b.text)));
  body.append(...keyed.map(({ row }) => row));
});`;

/** The script as it stands in a page. */
export const sortScriptElement = `<script>${sortScript}</script>`;

/** Its hash for a content security policy; a test computes it from the script. */
export const sortScriptHash = 'sha256-2FuozAIMAzeShLKPQBK9PvWICKDVDDUW9i/oWtg0zvY=';
