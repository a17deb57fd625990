export { type TableColumn, type TableRow, type TextTableOptions, textTable } from './text-table.js';
